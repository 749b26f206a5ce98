//! A client assertion is caught and sent again (RFC 7523 §3).

use serde_json::json;

use crate::on_both_engines;
use crate::support::assertion::{claims, hs256, machine, present};

on_both_engines! {
    async fn rfc7523_3_an_assertion_works_once_however_many_come_at_once(world: World) {
        let app = machine(&world).await;
        let header = json!({"alg": "HS256"});
        let assertion = hs256(app.secret.as_bytes(), &header, &claims(&world, &app, "once"));
        let answers = futures_util::future::join_all((0..20).map(|_| present(&world, &assertion))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        let mut foreign = claims(&world, &app, "two");
        foreign["aud"] = json!("https://other.example");
        assert_eq!(present(&world, &hs256(app.secret.as_bytes(), &header, &foreign)).await.error(), "invalid_client");
    }
}
