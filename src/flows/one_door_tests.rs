//! Whatever the order of requests, a one-time code opens at most one door: of every method, at every door.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::base::Timestamp;
use crate::flows::Internal;
use crate::flows::hotp::NewToken;
use crate::flows::sent_codes::Slot;
use crate::protocol::audit::Origin;

/// Where a code is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// In the middle of signing in.
    SignIn,
    /// In a session that must be surer than it is, to change something or for an application.
    Session,
    /// On the page that set the app up.
    Enrolment,
}

/// What somebody does with their codes and some tabs.
#[derive(Clone, Debug)]
enum Deed {
    /// Time goes by, in seconds.
    Wait(u64),
    /// A code, typed at these doors at once. Of an app or a token it is the one of now or one near it; of a
    /// card the one at that place; of those that are sent a new one or an older one.
    Enter {
        method: Method,
        which: i64,
        doors: Vec<Door>,
    },
}

const METHODS: [Method; 5] = [
    Method::Totp,
    Method::Hotp,
    Method::RecoveryCode,
    Method::EmailCode,
    Method::SmsCode,
];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let door = prop_oneof![
        3 => Just(Door::SignIn),
        2 => Just(Door::Session),
        1 => Just(Door::Enrolment),
    ];
    let doors = proptest::collection::vec(door, 1..=3);
    let method = proptest::sample::select(&METHODS);
    let deed = prop_oneof![
        1 => (1..70_u64).prop_map(Deed::Wait),
        4 => (method, -2..=2_i64, doors).prop_map(|(method, which, doors)| Deed::Enter { method, which, doors }),
    ];
    proptest::collection::vec(deed, 1..14)
}

/// Somebody with everything that makes codes.
struct Person {
    world: World,
    session: SignedIn,
    page: (Enroller, String),
    seed: Secret<Vec<u8>>,
    token: Secret<Vec<u8>>,
    card: Vec<Secret<String>>,
    sent: Vec<(Method, String)>,
    /// Which code it was that opened a door, in their order.
    opened: Vec<(Method, i64)>,
}

impl Person {
    async fn new() -> Self {
        let world = World::new().await;
        world.user("alice").await;
        let (session, _) = world.sign_in("alice").await;
        let (seed, page) = enrol_with_page(&world, &session).await;
        let tessera = &world.tessera;
        let user = session.user().id;
        let token = Secret::new(vec![7; 20]);
        let given = NewToken {
            seed: token.clone(),
            name: "Token".to_owned(),
            digits: 6,
            counter: 0,
        };
        let added = tessera.add_token(user, given, Origin::default()).await;
        added.unwrap().unwrap();
        // Proven by the page that set the app up.
        let lifted = tessera.resolve_session(session.session().id).await;
        let lifted = lifted.unwrap().unwrap();
        let recent = tessera.recently(&lifted).await.unwrap().unwrap();
        let card = tessera.renew_recovery_codes(&recent, "en", Origin::default());
        let card = card.await.unwrap().unwrap();
        Self {
            session,
            page,
            seed,
            token,
            card,
            sent: Vec::new(),
            opened: Vec::new(),
            world,
        }
    }

    async fn prover(&self, door: Door) -> Prover {
        match door {
            Door::SignIn => Prover::Entering(password(&self.world).await),
            Door::Session | Door::Enrolment => Prover::SignedIn(Box::new(self.session.clone())),
        }
    }

    /// A code, and which one it is of its kind.
    async fn code(&mut self, method: Method, which: i64, door: Door) -> (i64, String) {
        let now = self.world.tessera.now().seconds();
        // RFC 6238 §4.2: a code by the clock is one by a counter, of steps.
        let of_counter = |seed, n: i64| totp_code(seed, Timestamp::from_seconds(n * 30));
        match method {
            Method::Totp => {
                let step = now / 30 + which;
                (step, of_counter(&self.seed, step))
            }
            Method::Hotp => {
                let used = self.opened.iter().filter(|(of, _)| *of == method);
                let next = used.map(|(_, n)| n + 1).max().unwrap_or(0);
                let counter = (next + which).max(0);
                (counter, of_counter(&self.token, counter))
            }
            Method::RecoveryCode => {
                let at = which.rem_euclid(5);
                let code = &self.card[usize::try_from(at).unwrap()];
                (at, code.expose().clone())
            }
            sent => {
                let last = self.sent.iter().rposition(|(of, _)| *of == sent);
                let at = match last {
                    Some(at) if which < 0 => at,
                    _ => {
                        let code = self.send(sent, door).await;
                        self.sent.push((sent, code));
                        self.sent.len() - 1
                    }
                };
                (i64::try_from(at).unwrap(), self.sent[at].1.clone())
            }
        }
    }

    /// What stands in the letter or the message.
    async fn send(&self, method: Method, door: Door) -> String {
        let slot = Slot::of(&self.prover(door).await, method);
        let tessera = self.world.tessera.clone();
        let made = self.world.tessera.store.write::<_, Internal, _>(move |tx| {
            Box::pin(async move { tessera.make_code(tx, &slot, None).await })
        });
        made.await.unwrap().expose().clone()
    }

    async fn opens(&self, door: Door, method: Method, code: &str) -> bool {
        if door == Door::Enrolment {
            let done = confirm(&self.world, &self.session, &self.page, code).await;
            return matches!(done, Enrolled::Done(_));
        }
        let (prover, answer) = (self.prover(door).await, Answer::Code(method, secret(code)));
        let here = match door {
            Door::Session => visit(&[&self.session]),
            _ => visit(&[]),
        };
        let tessera = &self.world.tessera;
        let done = tessera.step(prover, answer, here, origin("192.0.2.1"));
        matches!(done.await.unwrap(), StepOutcome::SignedIn { .. })
    }

    async fn does(&mut self, deed: Deed) {
        let (method, which, doors) = match deed {
            Deed::Wait(seconds) => return self.world.tessera.clock.advance(SECONDS(seconds)),
            Deed::Enter {
                method,
                which,
                doors,
            } => (method, which, doors),
        };
        let (id, code) = self.code(method, which, doors[0]).await;
        let tabs = doors.iter().map(|door| self.opens(*door, method, &code));
        let tabs = futures_util::future::join_all(tabs).await;
        let times = tabs.into_iter().filter(|opened| *opened).count();
        self.opened.extend((0..times).map(|_| (method, id)));
    }

    /// The control: a right code does open a door, and at once one of two.
    async fn each_opens_one(&mut self) {
        for door in [Door::SignIn, Door::Session] {
            self.world.tessera.clock.advance(SECONDS(30));
            for method in METHODS {
                let (which, before) = (i64::from(door == Door::Session), self.opened.len());
                let which = if method == Method::RecoveryCode {
                    which
                } else {
                    0
                };
                let doors = vec![door, door];
                self.does(Deed::Enter {
                    method,
                    which,
                    doors,
                })
                .await;
                assert_eq!(self.opened.len(), before + 1, "{method:?} {door:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn asvs_v6_5_1_in_whatever_order_a_one_time_code_opens_one_door_at_most_and_none_after_a_newer_one(deeds in deeds()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let opened = runtime.block_on(async {
            let mut person = Person::new().await;
            person.each_opens_one().await;
            for deed in deeds {
                person.does(deed).await;
            }
            person.opened
        });
        let once: BTreeSet<_> = opened.iter().collect();
        prop_assert_eq!(once.len(), opened.len(), "{:?}", opened);
        // RFC 6238 §5.2, RFC 4226 §7.2: nor one that is older than the last.
        for method in [Method::Totp, Method::Hotp] {
            let of_it: Vec<_> = opened.iter().filter(|(of, _)| *of == method).collect();
            prop_assert!(of_it.windows(2).all(|two| two[0].1 < two[1].1), "{:?}", opened);
        }
    }
}
