use proptest::prelude::*;

use super::*;
use crate::crypto::jose::SigningAlgorithm;

const ES: KeyAlgorithm = KeyAlgorithm::Signing(SigningAlgorithm::ES256);
const RS: KeyAlgorithm = KeyAlgorithm::Signing(SigningAlgorithm::RS256);
const HOUR: Duration = Duration::from_hours(1);

fn all() -> Vec<KeyAlgorithm> {
    KeyAlgorithm::all().collect()
}

/// A store that applies plans as the caller promises to.
#[derive(Clone, Default)]
struct Store {
    records: Vec<KeyRecord>,
    made: usize,
}

impl Store {
    fn tick(&mut self, algorithms: &[KeyAlgorithm], policy: &KeyPolicy, now: Timestamp) {
        let actions = plan(&self.records, algorithms, policy, now);
        self.apply(&actions, now);
    }

    fn rotate(&mut self, wish: &RotateNow, now: Timestamp) {
        let actions = plan_rotate_now(&self.records, wish).unwrap();
        self.apply(&actions, now);
    }

    fn apply(&mut self, actions: &[KeyAction], now: Timestamp) {
        for action in actions {
            match action {
                KeyAction::Generate {
                    alg,
                    activate_at_once,
                } => {
                    self.made += 1;
                    self.records.push(KeyRecord {
                        kid: format!("{alg}-{:04}", self.made),
                        alg: *alg,
                        state: if *activate_at_once {
                            KeyState::Active
                        } else {
                            KeyState::Pending
                        },
                        created_at: now,
                        activated_at: activate_at_once.then_some(now),
                        retired_at: None,
                    });
                }
                KeyAction::Activate { kid } => {
                    let key = self.change(kid, KeyState::Active);
                    key.activated_at = Some(now);
                }
                KeyAction::Retire { kid } => {
                    let key = self.change(kid, KeyState::Retired);
                    key.retired_at = Some(now);
                }
                KeyAction::Revoke { kid } => {
                    let key = self.change(kid, KeyState::Revoked);
                    key.retired_at = Some(now);
                }
                KeyAction::Remove { kid } => self.records.retain(|key| key.kid != *kid),
            }
        }
    }

    fn change(&mut self, kid: &str, state: KeyState) -> &mut KeyRecord {
        let key = self.records.iter_mut().find(|key| key.kid == kid).unwrap();
        key.state = state;
        key
    }

    fn kids(&self, fits: impl Fn(&KeyRecord) -> bool) -> Vec<String> {
        let fitting = self.records.iter().filter(|key| fits(key));
        fitting.map(|key| key.kid.clone()).collect()
    }

    fn active(&self, alg: KeyAlgorithm) -> Vec<String> {
        self.kids(|key| key.alg == alg && key.state.signs())
    }

    fn published(&self) -> Vec<String> {
        self.kids(|key| key.state.is_published())
    }
}

fn start() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000)
}

fn policy() -> KeyPolicy {
    KeyPolicy::default()
}

fn started() -> Store {
    let mut store = Store::default();
    store.tick(&[RS, ES], &policy(), start());
    store
}

#[test]
fn the_first_start_makes_one_active_key_per_algorithm() {
    let store = started();
    assert_eq!(store.records.len(), 2);
    assert_eq!(store.active(RS).len(), 1);
    assert_eq!(store.active(ES).len(), 1);
    assert_eq!(plan(&store.records, &[RS, ES], &policy(), start()), []);
}

#[test]
fn a_rotation_publishes_ahead_then_switches_then_retains_then_removes() {
    use KeyState::{Active, Pending, Retired};

    let mut store = Store::default();
    let policy = policy();
    let at = |store: &mut Store, hours: u32| {
        store.tick(&[ES], &policy, start() + HOUR * hours);
        let states = store.records.iter().map(|key| key.state);
        states.collect::<Vec<_>>()
    };
    let day = 24;
    assert_eq!(at(&mut store, 0), [Active]);
    assert_eq!(at(&mut store, 89 * day - 1), [Active]);
    assert_eq!(at(&mut store, 89 * day), [Active, Pending]);
    assert_eq!(at(&mut store, 90 * day - 1), [Active, Pending]);
    assert_eq!(at(&mut store, 90 * day), [Retired, Active]);
    assert_eq!(at(&mut store, 97 * day - 1), [Retired, Active]);
    assert_eq!(at(&mut store, 97 * day), [Active]);
}

#[test]
fn a_server_that_slept_through_the_rotation_still_publishes_ahead() {
    let mut store = started();
    let late = start() + HOUR * 24 * 365;
    store.tick(&[RS, ES], &policy(), late);
    assert_eq!(store.active(ES), ["ES256-0002"]);
    store.tick(&[RS, ES], &policy(), late + HOUR * 23);
    assert_eq!(store.active(ES), ["ES256-0002"]);
    store.tick(&[RS, ES], &policy(), late + HOUR * 24);
    assert_eq!(store.active(ES), ["ES256-0004"]);
}

#[test]
fn an_algorithm_that_is_switched_off_keeps_verifying_and_then_goes() {
    let mut store = started();
    store.rotate(&RotateNow::Scheduled(RS), start());
    store.tick(&[ES], &policy(), start());
    assert_eq!(store.active(RS), Vec::<String>::new());
    assert_eq!(store.published().len(), 2);
    store.tick(&[ES], &policy(), start() + KeyPolicy::DEFAULT_RETAIN_FOR);
    assert_eq!(store.published(), ["ES256-0002"]);
}

#[test]
fn a_scheduled_manual_rotation_waits_for_the_caches_and_asks_once() {
    let mut store = started();
    store.rotate(&RotateNow::Scheduled(ES), start() + HOUR);
    store.rotate(&RotateNow::Scheduled(ES), start() + HOUR);
    assert_eq!(store.records.len(), 3);
    store.tick(&[RS, ES], &policy(), start() + HOUR * 24);
    assert_eq!(store.active(ES), ["ES256-0002"]);
    store.tick(&[RS, ES], &policy(), start() + HOUR * 25);
    assert_eq!(store.active(ES), ["ES256-0003"]);
}

#[test]
fn an_immediate_rotation_prefers_a_key_that_is_already_published() {
    let mut store = started();
    store.rotate(&RotateNow::AtOnce(ES), start() + HOUR);
    assert_eq!(store.active(ES), ["ES256-0003"]);
    store.rotate(&RotateNow::Scheduled(ES), start() + HOUR);
    store.rotate(&RotateNow::AtOnce(ES), start() + HOUR * 2);
    assert_eq!(store.active(ES), ["ES256-0004"]);
    // What was signed before still verifies.
    assert_eq!(store.published().len(), 4);
}

#[test]
fn a_revoked_key_leaves_the_jwks_at_once_and_a_new_one_signs() {
    let mut store = started();
    store.rotate(&RotateNow::Scheduled(ES), start());
    let kid = "ES256-0002".to_owned();
    let wish = RotateNow::Revoke { kid: kid.clone() };
    store.rotate(&wish, start() + HOUR);
    assert_eq!(store.active(ES), ["ES256-0004"]);
    assert_eq!(store.published(), ["RS256-0001", "ES256-0004"]);
    assert_eq!(plan_rotate_now(&store.records, &wish), Ok(Vec::new()));
    assert_eq!(
        plan(&store.records, &[RS, ES], &policy(), start() + HOUR),
        []
    );
    store.tick(
        &[RS, ES],
        &policy(),
        start() + HOUR + KeyPolicy::DEFAULT_RETAIN_FOR,
    );
    assert!(store.kids(|key| key.kid == kid).is_empty());
}

#[test]
fn revoking_a_key_that_does_not_sign_replaces_nothing() {
    let mut store = started();
    store.rotate(&RotateNow::Scheduled(ES), start());
    for kid in store.kids(|key| key.state == KeyState::Pending) {
        let actions = plan_rotate_now(&store.records, &RotateNow::Revoke { kid: kid.clone() });
        assert_eq!(actions, Ok(vec![KeyAction::Revoke { kid }]));
    }
    let kid = "missing".to_owned();
    let outcome = plan_rotate_now(&store.records, &RotateNow::Revoke { kid: kid.clone() });
    assert_eq!(outcome, Err(UnknownKey(kid)));
}

#[test]
fn two_nodes_that_acted_at_once_are_reconciled() {
    let mut store = started();
    store.apply(&[generate(ES, true), generate(ES, false)], start() + HOUR);
    store.apply(&[generate(ES, false)], start() + HOUR * 2);
    store.tick(&[RS, ES], &policy(), start() + HOUR * 2);
    assert_eq!(store.active(ES), ["ES256-0003"]);
    assert_eq!(
        store.kids(|key| key.state == KeyState::Pending),
        ["ES256-0004"]
    );
    assert_eq!(
        store.kids(|key| key.state == KeyState::Retired),
        ["ES256-0002"]
    );
}

#[test]
fn contradictory_durations_are_refused() {
    let new = |rotate: u32, ahead: u32, retain: u32, token: u32| {
        KeyPolicy::new(HOUR * rotate, HOUR * ahead, HOUR * retain, HOUR * token).map(|_| ())
    };
    assert_eq!(new(48, 24, 25, 24), Ok(()));
    assert_eq!(new(48, 0, 25, 24), Err(KeyPolicyError::PublishAhead));
    assert_eq!(new(47, 24, 25, 24), Err(KeyPolicyError::RotateEvery));
    assert_eq!(new(48, 24, 24, 24), Err(KeyPolicyError::RetainFor));
    let default = KeyPolicy::default();
    let same = KeyPolicy::new(
        default.rotate_every,
        default.publish_ahead,
        default.retain_for,
        HOUR * 24,
    );
    assert_eq!(same, Ok(default));
}

/// What a verifier would have seen at an instant.
struct Seen {
    at: Timestamp,
    published: Vec<String>,
}

#[derive(Clone, Debug)]
enum Step {
    /// Minutes pass, then a tick.
    Tick(u32),
    Rotate(KeyAlgorithm),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..600_u32).prop_map(Step::Tick),
        2 => (600..20_000_u32).prop_map(Step::Tick),
        1 => prop_oneof![Just(ES), Just(RS)].prop_map(Step::Rotate),
    ];
    proptest::collection::vec(step, 1..120)
}

fn short_policy() -> impl Strategy<Value = KeyPolicy> {
    (10..600_u64, 2..20_u64, 60..2_000_u64).prop_map(|(ahead, factor, retain)| {
        let minutes = |minutes| Duration::from_secs(60 * minutes);
        KeyPolicy::new(
            minutes(ahead * factor),
            minutes(ahead),
            minutes(retain),
            minutes(10),
        )
        .unwrap()
    })
}

proptest! {
    /// A JWKS fetched at any time within the last `publish_ahead` has every key that signs now, and every key
    /// that signed within the last `retain_for` is still in the JWKS of now.
    #[test]
    fn no_scheduled_rotation_surprises_a_verifier(steps in steps(), policy in short_policy()) {
        let mut store = Store::default();
        let mut now = start();
        store.tick(&[RS, ES], &policy, now);
        let mut seen: Vec<Seen> = Vec::new();
        let mut signed: Vec<(Timestamp, String)> = Vec::new();
        for step in steps {
            // Just before the tick, the world is as the last one left it.
            let published = store.published();
            match step {
                Step::Tick(minutes) => {
                    now = now + Duration::from_secs(60 * u64::from(minutes));
                    seen.push(Seen { at: now, published });
                    signed.extend([ES, RS].map(|alg| (now, store.active(alg).remove(0))));
                    store.tick(&[RS, ES], &policy, now);
                }
                Step::Rotate(alg) => store.rotate(&RotateNow::Scheduled(alg), now),
            }
            seen.push(Seen { at: now, published: store.published() });
            for alg in [ES, RS] {
                prop_assert_eq!(store.active(alg).len(), 1);
                let kid = store.active(alg).remove(0);
                for fetch in seen.iter().filter(|fetch| now.since(fetch.at) < policy.publish_ahead) {
                    prop_assert!(fetch.published.contains(&kid), "{} unknown", kid);
                }
                signed.push((now, kid));
            }
            let published = store.published();
            for (_, kid) in signed.iter().filter(|(at, _)| now.since(*at) < policy.retain_for) {
                prop_assert!(published.contains(kid), "{} gone too early", kid);
            }
        }
    }

    /// Whatever is stored, one plan leads to exactly one active key per enabled algorithm, and a
    /// second plan at the same instant has nothing to do.
    #[test]
    fn a_plan_is_complete_and_idempotent_from_any_state(
        keys in proptest::collection::vec((0..10_usize, 0..4_usize, 0..5_000_u32, 0..5_000_u32), 0..12),
        enabled in proptest::sample::subsequence(all(), 0..=10),
        policy in short_policy(),
        wish in 0..4_usize,
    ) {
        let states = [KeyState::Pending, KeyState::Active, KeyState::Retired, KeyState::Revoked];
        let now = start() + HOUR * 200;
        let ago = |minutes: u32| now - Duration::from_secs(60 * u64::from(minutes));
        let records = keys.iter().enumerate().map(|(i, &(alg, state, older, younger))| KeyRecord {
            kid: format!("k{i}"),
            alg: all()[alg],
            state: states[state],
            created_at: ago(older.max(younger)),
            activated_at: (state == 1 || state == 2).then_some(ago(older.max(younger))),
            retired_at: (state >= 2).then_some(ago(older.min(younger))),
        });
        let mut store = Store { records: records.collect(), made: 0 };
        store.tick(&enabled, &policy, now);
        for alg in all() {
            prop_assert_eq!(store.active(alg).len(), usize::from(enabled.contains(&alg)));
        }
        prop_assert_eq!(plan(&store.records, &enabled, &policy, now), vec![]);

        // So does every manual rotation of an enabled algorithm.
        let Some(&alg) = enabled.first() else { return Ok(()) };
        let wish = match wish {
            0 => RotateNow::Scheduled(alg),
            1 => RotateNow::AtOnce(alg),
            _ => RotateNow::Revoke { kid: store.active(alg).remove(0) },
        };
        store.rotate(&wish, now);
        for alg in all() {
            prop_assert_eq!(store.active(alg).len(), usize::from(enabled.contains(&alg)));
        }
        prop_assert_eq!(plan(&store.records, &enabled, &policy, now), vec![]);
        if !matches!(wish, RotateNow::AtOnce(_)) {
            prop_assert_eq!(plan_rotate_now(&store.records, &wish), Ok(vec![]));
        }
    }
}
