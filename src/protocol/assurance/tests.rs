use std::time::Duration;

use super::*;
use crate::base::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
const SYNCED: Capability = Capability::passkey(true, false);
const HARDWARE: Capability = Capability::passkey(true, true);

/// So many seconds ago.
fn ago(of: impl Into<Capability>, seconds: u64) -> Proof {
    Proof {
        of: of.into(),
        at: NOW - Duration::from_secs(seconds),
    }
}

fn proofs(list: &[Proof]) -> Proofs {
    let mut proofs = Proofs::default();
    for proof in list {
        proofs.add(*proof);
    }
    proofs
}

fn two(more: Requirement<'_>) -> Requirement<'_> {
    Requirement {
        two_factors: true,
        ..more
    }
}

fn met(requirement: &Requirement<'_>, list: &[Proof]) -> Standing {
    let outcome = assess(&Levels::default(), requirement, &proofs(list), &[], NOW);
    match outcome {
        Assessment::Met(standing) => standing,
        other => panic!("{other:?}"),
    }
}

fn offered(requirement: &Requirement<'_>, list: &[Proof], has: &[Capability]) -> Vec<Method> {
    match assess(&Levels::default(), requirement, &proofs(list), has, NOW) {
        Assessment::Missing { offer, .. } => offer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_set_of_proofs_has_its_level_and_its_amr() {
    let none = Requirement::default();
    for (list, acr, amr) in [
        (&[ago(Method::Password, 9)][..], "aal1", &["pwd"][..]),
        (&[ago(Method::EmailCode, 9)], "aal1", &["otp"]),
        (
            &[ago(Method::Password, 9), ago(Method::Totp, 5)],
            "aal2",
            &["otp", "pwd", "mfa"],
        ),
        (
            &[ago(Method::Password, 9), ago(Method::EmailCode, 5)],
            "aal1",
            &["otp"],
        ),
        // A mailbox is one thing, whatever came to it, and it is neither a password nor a second factor.
        (&[ago(Method::MagicLink, 9)], "aal1", &["otp"]),
        (
            &[ago(Method::Password, 9), ago(Method::MagicLink, 5)],
            "aal1",
            &["otp"],
        ),
        (
            &[ago(Method::MagicLink, 9), ago(Method::EmailCode, 5)],
            "aal1",
            &["otp"],
        ),
        (
            &[ago(Method::MagicLink, 9), ago(Method::Totp, 5)],
            "aal1",
            &["otp"],
        ),
        // Two things that one has are one factor.
        (
            &[ago(Method::Totp, 9), ago(Method::SmsCode, 5)],
            "aal1",
            &["sms", "otp"],
        ),
        (&[ago(SYNCED, 9)], "phr", &["swk", "user", "mfa"]),
        (&[ago(HARDWARE, 9)], "aal3", &["hwk", "user", "mfa"]),
        (
            &[ago(Capability::passkey(false, true), 9)],
            "aal1",
            &["hwk", "user"],
        ),
        (
            &[
                ago(Capability::passkey(false, true), 5),
                ago(Method::Password, 9),
            ],
            "aal3",
            &["hwk", "user", "pwd", "mfa"],
        ),
    ] {
        let standing = met(&none, list);
        assert_eq!(
            (standing.acr.as_str(), &standing.amr[..]),
            (acr, &amr.map_owned()[..]),
            "{list:?}"
        );
    }
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&name| name.to_owned()).collect()
    }
}

#[test]
fn auth_time_is_the_oldest_proof_that_the_level_rests_on() {
    let levels = Levels::default();
    let list = [
        ago(Method::Password, 5),
        ago(Method::Totp, 500),
        ago(SYNCED, 900),
    ];
    let strongest = met(&Requirement::default(), &list);
    assert_eq!(
        (strongest.acr.as_str(), strongest.auth_time),
        ("phr", NOW - Duration::from_mins(15))
    );
    let wanted = |name| Requirement {
        wanted: vec![levels.find(name).unwrap()],
        ..Requirement::default()
    };
    let aal2 = met(&wanted("aal2"), &list);
    assert_eq!(
        (aal2.acr.as_str(), aal2.auth_time),
        ("aal2", NOW - Duration::from_secs(500))
    );
    // rfc9470: an old passkey beside a fresh password is no fresh passkey.
    let fresh = Requirement {
        since: Some(NOW - Duration::from_mins(1)),
        ..wanted("phr")
    };
    assert_eq!(
        offered(&fresh, &list, &[SYNCED, Method::Password.into()]),
        [Method::Passkey]
    );
    // Nothing of it counts any more: the passkey would be needed in any case, and is enough.
    let anew = Requirement {
        since: Some(NOW),
        ..wanted("phr")
    };
    assert_eq!(
        offered(&anew, &list, &[SYNCED, Method::Password.into()]),
        [Method::Passkey]
    );
    // It is enough, and so are two others: the choice is the person's.
    let anew = Requirement {
        since: Some(NOW),
        ..wanted("aal2")
    };
    let has = [SYNCED, Method::Password.into(), Method::Totp.into()];
    assert_eq!(
        offered(&anew, &list, &has),
        [Method::Passkey, Method::Password, Method::Totp]
    );
    // It does not say who holds it: with a password it is enough.
    let key = Capability::passkey(false, true);
    assert_eq!(
        offered(&wanted("phr"), &[], &[key, Method::Password.into()]),
        [Method::Passkey, Method::Password]
    );
    // Who does not say how sure is told what holds since then.
    let fresh = Requirement {
        since: Some(NOW - Duration::from_mins(1)),
        ..Requirement::default()
    };
    let standing = met(&fresh, &list);
    assert_eq!(
        (standing.acr.as_str(), standing.auth_time),
        ("aal1", NOW - Duration::from_secs(5))
    );
}

#[test]
fn only_what_is_missing_is_asked_for() {
    let has = [
        Method::Password.into(),
        Method::Totp.into(),
        Method::RecoveryCode.into(),
        SYNCED,
    ];
    let two = two(Requirement::default());
    assert_eq!(
        offered(&two, &[], &has),
        [
            Method::Passkey,
            Method::Password,
            Method::Totp,
            Method::RecoveryCode
        ]
    );
    assert_eq!(
        offered(&two, &[ago(Method::Password, 1)], &has),
        [Method::Passkey, Method::Totp, Method::RecoveryCode]
    );
    assert_eq!(
        offered(&two, &[ago(Method::Totp, 1)], &has),
        [Method::Passkey, Method::Password]
    );
    let levels = Levels::default();
    let phr = Requirement {
        minimum: vec![levels.find("phr").unwrap()],
        ..two
    };
    let aal2 = [ago(Method::Password, 2), ago(Method::Totp, 1)];
    assert_eq!(offered(&phr, &aal2, &has), [Method::Passkey]);
}

#[test]
fn a_level_falls_back_with_time() {
    let hours = |hours: u64| hours * 3600;
    for (list, acr) in [
        (
            [
                ago(Method::Password, hours(2)),
                ago(Method::Totp, hours(23)),
            ],
            "aal2",
        ),
        (
            [
                ago(Method::Password, hours(2)),
                ago(Method::Totp, hours(25)),
            ],
            "aal1",
        ),
        (
            [ago(Method::Password, hours(99)), ago(HARDWARE, hours(11))],
            "aal3",
        ),
        (
            [ago(Method::Password, hours(99)), ago(HARDWARE, hours(13))],
            "phrh",
        ),
        (
            [ago(Method::Password, hours(99)), ago(HARDWARE, hours(25))],
            "aal1",
        ),
    ] {
        assert_eq!(met(&Requirement::default(), &list).acr, acr, "{list:?}");
    }
}

#[test]
fn what_this_person_cannot_reach_is_told_and_a_wish_never_fails() {
    let levels = Levels::default();
    let phr = levels.find("phr").unwrap();
    let has = [Method::Password.into(), Method::Totp.into()];
    let list = proofs(&[ago(Method::Password, 1)]);
    let run = |requirement: &Requirement<'_>| assess(&levels, requirement, &list, &has, NOW);
    let minimum = Requirement {
        minimum: vec![phr],
        ..Requirement::default()
    };
    assert_eq!(run(&minimum), Assessment::Unreachable);
    let wish = Requirement {
        wanted: vec![phr],
        ..Requirement::default()
    };
    let essential = Requirement {
        essential: true,
        ..wish.clone()
    };
    assert_eq!(run(&essential), Assessment::Unreachable);
    // None of the names is known.
    let unknown = Requirement {
        essential: true,
        ..Requirement::default()
    };
    assert_eq!(run(&unknown), Assessment::Unreachable);
    assert!(matches!(run(&wish), Assessment::Met(standing) if standing.acr == "aal1"));
    // A wish that can be fulfilled is.
    let aal2 = Requirement {
        wanted: vec![phr, levels.find("aal2").unwrap()],
        ..Requirement::default()
    };
    assert!(
        matches!(run(&aal2), Assessment::Missing { offer, begun: true } if offer == [Method::Totp])
    );
    // Of several that hold, the one that is wished for first is told.
    let both = Requirement {
        wanted: vec![levels.find("aal1").unwrap(), levels.find("aal2").unwrap()],
        ..Requirement::default()
    };
    assert_eq!(
        met(&both, &[ago(Method::Password, 1), ago(Method::Totp, 1)]).acr,
        "aal1"
    );
}

#[test]
fn somebody_of_whom_nothing_counts_has_not_begun() {
    let has = [Method::Password.into()];
    let old = proofs(&[ago(Method::Password, 100)]);
    let since = Requirement {
        since: Some(NOW),
        ..Requirement::default()
    };
    let outcome = assess(&Levels::default(), &since, &old, &has, NOW);
    assert_eq!(
        outcome,
        Assessment::Missing {
            offer: vec![Method::Password],
            begun: false
        }
    );
}

#[test]
fn of_each_kind_the_newest_proof_is_kept() {
    let mut list = proofs(&[
        ago(Method::Password, 50),
        ago(Method::Totp, 40),
        ago(Method::Password, 30),
    ]);
    assert_eq!(list.iter().count(), 2);
    assert_eq!(list.latest(), Some(NOW - Duration::from_secs(30)));
    list.extend(&proofs(&[ago(Method::Password, 60), ago(SYNCED, 70)]));
    assert_eq!(list.iter().count(), 3);
    assert_eq!(list.latest(), Some(NOW - Duration::from_secs(30)));
    list.forget(Method::Password);
    assert_eq!(list.latest(), Some(NOW - Duration::from_secs(40)));
    let text = serde_json::to_string(&list).unwrap();
    assert_eq!(serde_json::from_str::<Proofs>(&text).unwrap(), list);
}

#[test]
fn a_link_by_mail_takes_the_place_of_the_password_and_of_nothing_else() {
    let two = Requirement {
        two_factors: true,
        ..Requirement::default()
    };
    let has = [
        Method::Password,
        Method::Totp,
        Method::SmsCode,
        Method::EmailCode,
        Method::RecoveryCode,
    ];
    let has = has.map(Capability::from);
    // Neither the password, which would go round the second factor, nor another letter to the same mailbox.
    assert_eq!(
        offered(&two, &[ago(Method::MagicLink, 1)], &has),
        [Method::Totp, Method::SmsCode, Method::RecoveryCode]
    );
    assert!(matches!(
        assess(
            &Levels::default(),
            &two,
            &proofs(&[ago(Method::MagicLink, 9), ago(Method::Totp, 1)]),
            &has,
            NOW
        ),
        Assessment::Met(_)
    ));
    // For a level that takes no mail, the password is asked for after all.
    let levels = Levels::default();
    let aal2 = Requirement {
        minimum: levels.find("aal2").into_iter().collect(),
        ..Requirement::default()
    };
    let list = [ago(Method::MagicLink, 9), ago(Method::Totp, 1)];
    assert_eq!(offered(&aal2, &list, &has), [Method::Password]);
}
