//! New accounts: people sign up, and the first administrator is made.

use super::*;

#[tokio::test]
async fn a_sign_up_is_confirmed_by_letter_once_and_tells_strangers_nothing() {
    let world = World::new().await;
    let tessera = &world.tessera;
    let here = Digest::of(b"this browser");
    let ask = async |email: &str| {
        let request = SignUpRequest {
            email: email.to_owned(),
            name: "Carol".to_owned(),
            password: secret(PASSWORD),
            lang: "en".to_owned(),
            ticket: Some("ticket".to_owned()),
            browser: here,
        };
        let asked = tessera
            .request_sign_up(request, origin("192.0.2.1"))
            .await
            .unwrap();
        assert!(matches!(asked, SignUp::LetterSent), "{asked:?}");
    };
    ask("carol@example.org").await;
    let first = world.link_token(LetterKind::VerifyEmail).await;
    // An unproven address blocks nobody: its owner may still sign up.
    ask("carol@example.org").await;
    let second = world.link_token(LetterKind::VerifyEmail).await;
    assert_eq!(
        tessera.peek_sign_up(&first).await.unwrap().unwrap(),
        "carol@example.org"
    );
    let confirmed = tessera
        .confirm_sign_up(&second, here, Origin::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(confirmed.user.username, "carol@example.org");
    assert!(confirmed.user.email_verified);
    assert_eq!(confirmed.ticket.as_deref(), Some("ticket"));
    for token in [&first, &second] {
        let again = tessera
            .confirm_sign_up(token, here, Origin::default())
            .await
            .unwrap();
        assert!(again.is_none());
    }
    ask("Carol@example.org").await;
    let letters = world.letters().await;
    assert_eq!(letters[0].kind, LetterKind::AccountExists);
    world.sign_in("carol@example.org").await;
}

#[tokio::test]
async fn the_set_up_link_makes_one_administrator_and_newer_links_void_older_ones() {
    let world = World::new().await;
    let tessera = &world.tessera;
    let offer = async || {
        let link = tessera.offer_set_up_link().await.unwrap();
        link.map(|link| secret(link.split_once("token=").unwrap().1))
    };
    let (old, new) = (offer().await.unwrap(), offer().await.unwrap());
    let create = async |token: &Secret<String>, name: &str| {
        let made = tessera.create_first_admin(token, new_user(name), Origin::default());
        made.await.unwrap()
    };
    assert!(matches!(
        create(&old, "rooty").await,
        SetUp::Refused(SetUpLink::Expired)
    ));
    let (one, two) = tokio::join!(create(&new, "rooty"), create(&new, "toory"));
    let made = |outcome: &SetUp| matches!(outcome, SetUp::Created(_));
    assert!(made(&one) != made(&two));
    assert!(offer().await.is_none());
}
