use std::time::Duration;

use uuid::Uuid;

use super::super::fixture::{checked, client, public_client, query};
use super::*;
use crate::protocol::assurance::{Capability, Proof};
use crate::protocol::client::AuthMethod;

const ANNA: UserId = UserId(Uuid::from_u128(1));
const BERT: UserId = UserId(Uuid::from_u128(2));

/// When the request arrived.
const ASKED: Timestamp = Timestamp::from_seconds(1_000_000);

struct Case {
    client: Client,
    changes: Vec<(&'static str, Option<&'static str>)>,
    session: Option<SessionView>,
    consent: ConsentView,
    hint: Option<UserId>,
    assurance: AssurancePolicy,
}

/// Anna signed in 100 seconds before the request and consented 50 seconds before it.
fn remembered() -> Case {
    Case {
        client: client(),
        changes: vec![],
        session: Some(session(-100)),
        consent: ConsentView {
            scope: Scope::parse("openid profile").unwrap(),
            resources: vec![],
            granted_at: at(-50),
        },
        hint: None,
        assurance: AssurancePolicy::default(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(ASKED.seconds() + seconds)
}

fn session(seconds: i64) -> SessionView {
    SessionView {
        organisation: None,
        user_id: ANNA,
        proofs: Proofs::of(Proof {
            of: Method::Password.into(),
            at: at(seconds),
        }),
        available: vec![Method::Password.into()],
        chosen_at: None,
    }
}

impl Case {
    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.changes.push((name, Some(value)));
        self
    }

    fn signed_in(mut self, seconds: i64) -> Self {
        self.session = Some(session(seconds));
        self
    }

    fn chose(mut self, seconds: i64) -> Self {
        if let Some(session) = &mut self.session {
            session.chosen_at = Some(at(seconds));
        }
        self
    }

    fn signed_out(mut self) -> Self {
        self.session = None;
        self
    }

    fn consented(mut self, seconds: i64) -> Self {
        self.consent.granted_at = at(seconds);
        self
    }

    fn never_consented(mut self) -> Self {
        self.consent = ConsentView::default();
        self
    }

    fn hinting(mut self, user: UserId) -> Self {
        self.hint = Some(user);
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Client)) -> Self {
        change(&mut self.client);
        self
    }

    /// Ten seconds after the request arrived.
    fn outcome(&self) -> String {
        let request = checked(&self.client, &query(&self.changes)).unwrap();
        let given = Circumstances {
            client: &self.client,
            assurance: &self.assurance,
            session: self.session.as_ref(),
            consent: &self.consent,
            asked_at: ASKED,
            as_hinted: self.hint.is_none_or(|hint| {
                self.session
                    .as_ref()
                    .is_some_and(|session| session.user_id == hint)
            }),
            now: ASKED + Duration::from_secs(10),
        };
        let decision = decide(&request, given);
        match decision {
            Decision::SignIn { reason } => format!("sign in: {reason:?}"),
            Decision::Refuse(error) => error.code.to_string(),
            Decision::Issue(_) => "Issue".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

#[track_caller]
fn expect(cases: impl IntoIterator<Item = (&'static str, Case, &'static str)>) {
    for (name, case, expected) in cases {
        assert_eq!(case.outcome(), expected, "{name}");
    }
}

#[test]
fn oidc_core_3_1_2_3_who_is_signed_in_and_consented_is_not_asked_again() {
    expect([
        ("remembered", remembered(), "Issue"),
        (
            "no session",
            remembered().signed_out(),
            "sign in: NoSession",
        ),
        ("no consent", remembered().never_consented(), "Consent"),
    ]);
}

#[test]
fn oidc_core_3_1_2_1_prompts_are_met_by_what_happens_after_the_request() {
    let r = remembered;
    expect([
        ("login", r().with("prompt", "login"), "sign in: Prompted"),
        (
            "login, just before",
            r().with("prompt", "login").signed_in(-1),
            "sign in: Prompted",
        ),
        (
            "login, same instant",
            r().with("prompt", "login").signed_in(0),
            "Issue",
        ),
        (
            "login, done",
            r().with("prompt", "login").signed_in(5),
            "Issue",
        ),
        (
            "login, signed out",
            r().with("prompt", "login").signed_out(),
            "sign in: NoSession",
        ),
        ("consent", r().with("prompt", "consent"), "Consent"),
        (
            "consent, done",
            r().with("prompt", "consent").consented(5),
            "Issue",
        ),
        (
            "both",
            r().with("prompt", "login consent"),
            "sign in: Prompted",
        ),
        (
            "both, half",
            r().with("prompt", "login consent").signed_in(5),
            "Consent",
        ),
        (
            "both, done",
            r().with("prompt", "login consent")
                .signed_in(5)
                .consented(6),
            "Issue",
        ),
        (
            "consent of a first-party client",
            r().with("prompt", "consent")
                .change(|c| c.metadata.skip_consent = true),
            "Consent",
        ),
    ]);
}

#[test]
fn oidc_core_3_1_2_1_select_account_is_answered_by_a_choice_or_a_sign_in() {
    let select = || remembered().with("prompt", "select_account");
    let both = || remembered().with("prompt", "select_account login");
    expect([
        ("signed in", select(), "SelectAccount"),
        ("signed out", select().signed_out(), "SelectAccount"),
        ("chosen just before", select().chose(-1), "SelectAccount"),
        ("chosen at that instant", select().chose(0), "Issue"),
        ("chosen", select().chose(5), "Issue"),
        ("signed in since", select().signed_in(5), "Issue"),
        (
            "chosen, and too old",
            select().chose(5).with("max_age", "99"),
            "sign in: TooLongAgo",
        ),
        ("a choice is no proof", both().chose(5), "sign in: Prompted"),
        ("chosen and proven", both().chose(5).signed_in(6), "Issue"),
        ("both", both(), "SelectAccount"),
        (
            "hinted, not chosen",
            select().hinting(ANNA),
            "SelectAccount",
        ),
        (
            "another than hinted",
            select().hinting(BERT).chose(5),
            "login_required",
        ),
    ]);
}

#[test]
fn oidc_core_3_1_2_6_prompt_none_shows_no_page() {
    let r = || remembered().with("prompt", "none");
    expect([
        ("remembered", r(), "Issue"),
        ("no session", r().signed_out(), "login_required"),
        ("too old", r().with("max_age", "99"), "login_required"),
        ("no consent", r().never_consented(), "consent_required"),
        ("the same user", r().hinting(ANNA), "Issue"),
        ("another user", r().hinting(BERT), "login_required"),
        (
            "first-party",
            r().never_consented()
                .change(|c| c.metadata.skip_consent = true),
            "Issue",
        ),
    ]);
}

#[test]
fn oidc_core_3_1_2_1_max_age_limits_the_age_of_the_sign_in() {
    let r = remembered;
    let default = |seconds| move |c: &mut Client| c.metadata.default_max_age = Some(seconds);
    expect([
        ("young enough", r().with("max_age", "110"), "Issue"),
        ("too old", r().with("max_age", "109"), "sign in: TooLongAgo"),
        ("zero", r().with("max_age", "0"), "sign in: TooLongAgo"),
        ("zero, done", r().with("max_age", "0").signed_in(1), "Issue"),
        (
            "short and slow",
            r().with("max_age", "1").signed_in(2),
            "Issue",
        ),
        ("without end", r().with("max_age", "99999999999"), "Issue"),
        ("default", r().change(default(60)), "sign in: TooLongAgo"),
        (
            "overridden",
            r().with("max_age", "600").change(default(60)),
            "Issue",
        ),
    ]);
}

#[test]
fn rfc9470_4_where_the_passkey_alone_is_needed_nothing_else_is_asked_for() {
    let phr = r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#;
    let with_passkey = || {
        let mut case = remembered().with("claims", phr).with("max_age", "60");
        let session = case.session.as_mut().expect("somebody");
        session.available.push(Capability::passkey(true, true));
        case
    };
    expect([
        ("too old", with_passkey(), "StepUp([Passkey])"),
        (
            "without a page",
            with_passkey().with("prompt", "none"),
            "login_required",
        ),
        (
            "somebody else is meant",
            with_passkey().hinting(BERT),
            "sign in: OtherUser",
        ),
        ("there is none", remembered().with("claims", phr), "Unmet"),
    ]);
}

#[test]
fn oidc_core_3_1_2_1_a_hint_names_who_must_be_signed_in() {
    let r = remembered;
    expect([
        ("the same user", r().hinting(ANNA), "Issue"),
        ("another user", r().hinting(BERT), "sign in: OtherUser"),
        (
            "still another user",
            r().hinting(BERT).signed_in(5),
            "login_required",
        ),
        (
            "signed out",
            r().hinting(BERT).signed_out(),
            "sign in: NoSession",
        ),
    ]);
}

#[test]
fn oidc_core_3_1_2_4_consent_covers_what_was_shown_and_no_more() {
    let r = remembered;
    let first_party = |c: &mut Client| c.metadata.skip_consent = true;
    expect([
        ("less", r().with("scope", "openid"), "Issue"),
        ("more", r().with("scope", "openid profile email"), "Consent"),
        (
            "a resource",
            r().with("resource", "https://api.example/"),
            "Consent",
        ),
        (
            "first-party",
            r().never_consented().change(first_party),
            "Issue",
        ),
        (
            "offline access",
            r().with("scope", "openid offline_access"),
            "Consent",
        ),
        (
            "offline access, first-party",
            r().never_consented()
                .change(first_party)
                .with("scope", "openid offline_access"),
            "Issue",
        ),
        (
            "offline access, first-party, asked for consent",
            r().change(first_party)
                .with("scope", "openid offline_access")
                .with("prompt", "consent"),
            "Consent",
        ),
    ]);
    let mut case = r().with("resource", "https://api.example/");
    case.consent
        .resources
        .push("https://api.example/".to_owned());
    assert_eq!(case.outcome(), "Issue");
}

#[test]
fn oidc_core_11_offline_access_is_consented_to_by_name() {
    let offline = || remembered().with("scope", "openid offline_access");
    expect([
        ("not remembered", offline(), "Consent"),
        (
            "silent",
            offline().with("prompt", "none"),
            "consent_required",
        ),
    ]);
    let mut case = offline();
    case.consent.scope = Scope::parse("openid offline_access").unwrap();
    assert_eq!(case.outcome(), "Issue");
}

#[test]
fn rfc6749_10_2_a_client_that_anyone_could_be_is_never_let_through_unseen() {
    const LOOPBACK: &str = "http://127.0.0.1/cb";
    let native = || {
        let mut case = remembered().with("redirect_uri", LOOPBACK);
        case.client = public_client();
        case.client.metadata.redirect_uris = vec![LOOPBACK.to_owned()];
        case
    };
    let mut https = remembered();
    https.client = public_client();
    expect([
        ("https", https, "Issue"),
        ("loopback", native(), "Consent"),
        ("loopback, allowed just now", native().consented(5), "Issue"),
        (
            "loopback, silent",
            native().with("prompt", "none"),
            "consent_required",
        ),
        (
            "loopback with a secret",
            native()
                .change(|c| c.metadata.token_endpoint_auth_method = AuthMethod::ClientSecretPost),
            "Issue",
        ),
    ]);
}

#[test]
fn oidc_prompt_create_4_prompt_create_asks_for_a_new_account_once() {
    let r = || remembered().with("prompt", "create");
    expect([
        ("signed in", r(), "SignUp"),
        ("signed out", r().signed_out(), "SignUp"),
        ("just made", r().signed_in(5), "Issue"),
    ]);
}
