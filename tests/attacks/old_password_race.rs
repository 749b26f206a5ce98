//! Somebody who knows the old password signs in at the moment in which the owner changes it. The
//! exact moment is tried in `src/flows/login_tests.rs`.

use tessera::flows::letters::LetterKind;
use tessera::protocol::audit::Origin;

use crate::on_both_engines;
use crate::support::Browser;
use crate::support::world::PASSWORD;

on_both_engines! {
    with |config| config.throttle.attempts = 1000;
    async fn asvs_v7_4_3_no_sign_in_with_the_old_password_outlives_its_change(world: World) {
        world.user("alice").await;
        let mut old = PASSWORD.to_owned();
        for round in 0..4 {
            world.tessera.request_reset("alice", "en", Origin::default()).await.expect("asked");
            let link = world.letter_link(LetterKind::ResetPassword).await;
            let mut owner = Browser::new(&world);
            let form = owner.open(&link).await;
            let new = format!("another long passphrase {round}");
            let thieves = futures_util::future::join_all((0..6).map(|_| {
                let (mut thief, password) = (Browser::new(&world), old.clone());
                async move {
                    let page = thief.open("/sign-in").await;
                    let page = thief.sign_in(&page, "alice", &password).await;
                    (thief, page.answer.status)
                }
            }));
            let fields = [("password", new.as_str())];
            let (changed, thieves) = tokio::join!(owner.submit(&form, "/reset-password", &fields), thieves);
            assert_eq!(changed.answer.status, 200, "{}", changed.answer.body);
            for (mut thief, status) in thieves {
                assert!([200, 401].contains(&status), "{status}");
                assert_eq!(thief.open("/account").await.url, "/sign-in");
            }
            world.letter_link(LetterKind::PasswordChanged).await;
            old = new;
        }
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        assert_eq!(owner.sign_in(&page, "alice", &old).await.url, "/account");
    }
}
