//! `tessera key`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Failure, output, start};
use crate::base::Timestamp;
use crate::config::Config;
use crate::crypto::jose::KeyAlgorithm;
use crate::flows::Tessera;
use crate::flows::rotate_keys;
use crate::protocol::audit::Actor;
use crate::protocol::key_lifecycle::{KeyAction, KeyPolicy, KeyRecord, KeyState, RotateNow};

const ROTATE_HELP: &str = "\
Examples:
  tessera key rotate --alg ES256         publish a successor now; it signs
                                         once verifiers know it
  tessera key rotate                     the same for each algorithm
  tessera key rotate --alg ES256 --now   the successor signs at once
  tessera key rotate --now --revoke KID  emergency: KID leaves the key set at
                                         once and what it signed is refused;
                                         a new key takes over

Keys rotate by themselves (keys.rotate_every); this is for a reason that the
calendar does not know.";

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List the keys
    List {
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Replace keys before their time
    #[command(after_help = ROTATE_HELP)]
    Rotate {
        /// Such as ES256 or RSA-OAEP-256 [default: each in keys.algorithms and
        /// keys.encryption_algorithms]
        #[arg(long, value_parser = parse_alg, conflicts_with = "revoke")]
        alg: Option<KeyAlgorithm>,
        /// The successor signs at once: verifiers with a cached key set may refuse its tokens for
        /// as long as their cache lives
        #[arg(long)]
        now: bool,
        /// Take this key out of the key set at once: it is compromised
        #[arg(long, value_name = "KID", requires = "now", allow_hyphen_values = true)]
        revoke: Option<String>,
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

fn parse_alg(text: &str) -> Result<KeyAlgorithm, String> {
    text.parse().map_err(|_| {
        let known: Vec<_> = KeyAlgorithm::all().map(KeyAlgorithm::as_str).collect();
        format!("must be one of {}", known.join(", "))
    })
}

pub(super) async fn run(command: KeyCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| obey(command, tessera).await).await
}

async fn obey(command: KeyCommand, tessera: &Tessera) -> Result<(), Failure> {
    match command {
        KeyCommand::List { json } => list(tessera, json).await,
        KeyCommand::Rotate {
            alg,
            now,
            revoke,
            json,
        } => {
            let wishes = wishes(tessera, alg, now, revoke)?;
            rotate(tessera, wishes, json).await
        }
    }
}

fn wishes(
    tessera: &Tessera,
    alg: Option<KeyAlgorithm>,
    now: bool,
    revoke: Option<String>,
) -> Result<Vec<RotateNow>, Failure> {
    if let Some(kid) = revoke {
        return Ok(vec![RotateNow::Revoke { kid }]);
    }
    let configured = rotate_keys::algorithms(tessera)?;
    let chosen = match alg {
        // It would be retired again by the next tick.
        Some(alg) if !configured.contains(&alg) => {
            return Err(Failure::Usage(format!(
                "{alg} is not among keys.algorithms or keys.encryption_algorithms: add it there, and \
                 it gets a key by itself"
            )));
        }
        Some(alg) => vec![alg],
        None => configured,
    };
    let wish = if now {
        RotateNow::AtOnce
    } else {
        RotateNow::Scheduled
    };
    Ok(chosen.into_iter().map(wish).collect())
}

async fn rotate(tessera: &Tessera, wishes: Vec<RotateNow>, json: bool) -> Result<(), Failure> {
    let mut done = Vec::new();
    for wish in wishes {
        let actions = rotate_keys::rotate(tessera, wish, Actor::Operator).await?;
        done.extend(actions.map_err(Failure::new)?);
    }
    if json {
        let done: Vec<Value> = done.iter().map(action_json).collect();
        return output::json(&json!({ "actions": done }));
    }
    if done.is_empty() {
        return output::line("Nothing to do: it has been done already.");
    }
    for action in &done {
        output::line(action_text(tessera, action))?;
    }
    Ok(())
}

fn action_json(action: &KeyAction) -> Value {
    match action {
        KeyAction::Generate {
            alg,
            activate_at_once,
        } => {
            json!({ "action": "generated", "alg": alg, "active": activate_at_once })
        }
        KeyAction::Activate { kid } => json!({ "action": "activated", "kid": kid }),
        KeyAction::Retire { kid } => json!({ "action": "retired", "kid": kid }),
        KeyAction::Revoke { kid } => json!({ "action": "revoked", "kid": kid }),
        KeyAction::Remove { kid } => json!({ "action": "removed", "kid": kid }),
    }
}

fn action_text(tessera: &Tessera, action: &KeyAction) -> String {
    match action {
        KeyAction::Generate {
            alg,
            activate_at_once: true,
        } => format!("A new {alg} key {} from now on.", works(*alg)),
        KeyAction::Generate {
            alg,
            activate_at_once: false,
        } => {
            let at = tessera.now() + tessera.config.keys.publish_ahead;
            let at = at.rfc3339();
            match alg {
                KeyAlgorithm::Signing(_) => {
                    format!("A new {alg} key is published; it signs from {at} on.")
                }
                KeyAlgorithm::Encryption(_) => {
                    format!("A new {alg} key is made; it is published from {at} on.")
                }
            }
        }
        KeyAction::Activate { kid } => format!("Key {kid} is in use from now on."),
        KeyAction::Retire { kid } => {
            format!("Key {kid} is out of use; what rests on it works for a while yet.")
        }
        KeyAction::Revoke { kid } => {
            format!("Key {kid} is revoked: nothing that it signed or would open is accepted.")
        }
        KeyAction::Remove { kid } => format!("Key {kid} is deleted."),
    }
}

/// What an active key does.
const fn works(alg: KeyAlgorithm) -> &'static str {
    match alg {
        KeyAlgorithm::Signing(_) => "signs",
        KeyAlgorithm::Encryption(_) => "is published",
    }
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let mut reader = &tessera.store;
    let records = rotate_keys::records(&mut reader).await?;
    let policy = rotate_keys::policy(&tessera.config)?;
    if json {
        let keys = records.iter().map(|key| key_json(key, &records, &policy));
        let keys: Vec<Value> = keys.collect();
        return output::json(&keys);
    }
    let mut rows = vec![["KID", "ALG", "STATE", "SINCE", "NEXT"].map(str::to_owned)];
    rows.extend(records.iter().map(|key| row(key, &records, &policy)));
    output::table(&rows)
}

fn key_json(key: &KeyRecord, all: &[KeyRecord], policy: &KeyPolicy) -> Value {
    let next = key.next_step_at(all, policy).map(Timestamp::rfc3339);
    let next_if = |state: &[KeyState]| next.as_ref().filter(|_| state.contains(&key.state));
    json!({
        "kid": key.kid,
        "use": key.alg.use_(),
        "alg": key.alg,
        "state": key.state,
        "created_at": key.created_at.rfc3339(),
        "activated_at": key.activated_at.map(Timestamp::rfc3339),
        "retired_at": key.retired_at.map(Timestamp::rfc3339),
        "activates_at": next_if(&[KeyState::Pending]),
        "retires_at": next_if(&[KeyState::Active]),
        "removed_at": next_if(&[KeyState::Retired, KeyState::Revoked]),
    })
}

fn row(key: &KeyRecord, all: &[KeyRecord], policy: &KeyPolicy) -> [String; 5] {
    let since = key
        .retired_at
        .or(key.activated_at)
        .unwrap_or(key.created_at);
    let next = key.next_step_at(all, policy).map(|at| {
        let at = at.rfc3339();
        match key.state {
            KeyState::Pending => format!("{} from {at}", works(key.alg)),
            KeyState::Active => format!("is replaced at {at}"),
            KeyState::Retired | KeyState::Revoked => format!("is deleted at {at}"),
        }
    });
    [
        key.kid.clone(),
        key.alg.to_string(),
        key.state.as_str().to_owned(),
        since.rfc3339(),
        next.unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::crypto::jose::SigningAlgorithm;

    #[test]
    fn the_list_tells_when_each_key_moves_on() {
        let at = Timestamp::from_seconds(1_800_000_000);
        let key = |state| KeyRecord {
            kid: "k".to_owned(),
            alg: SigningAlgorithm::ES256.into(),
            state,
            created_at: at,
            activated_at: (state == KeyState::Active).then_some(at),
            retired_at: matches!(state, KeyState::Retired | KeyState::Revoked)
                .then(|| at + Duration::from_hours(1)),
        };
        let policy = KeyPolicy::default();
        let next = |state| row(&key(state), &[], &policy)[4].clone();
        assert_eq!(
            next(KeyState::Pending),
            "signs from 2027-01-16T08:00:00.000Z"
        );
        // 90 days, or as soon as the successor that is published already may sign.
        assert_eq!(
            next(KeyState::Active),
            "is replaced at 2027-04-15T08:00:00.000Z"
        );
        let pair = [key(KeyState::Active), key(KeyState::Pending)];
        assert_eq!(
            row(&pair[0], &pair, &policy)[4],
            "is replaced at 2027-01-16T08:00:00.000Z"
        );
        let json = key_json(&pair[0], &[], &policy);
        assert_eq!(json["retires_at"], "2027-04-15T08:00:00.000Z");
        let gone = "is deleted at 2027-01-22T09:00:00.000Z";
        assert_eq!(next(KeyState::Retired), gone);
        assert_eq!(next(KeyState::Revoked), gone);
        let json = key_json(&key(KeyState::Pending), &[], &policy);
        assert_eq!(json["use"], "sig");
        assert_eq!(json["activates_at"], "2027-01-16T08:00:00.000Z");
        assert_eq!(json["removed_at"], Value::Null);
        let json = key_json(&key(KeyState::Retired), &[], &policy);
        assert_eq!(json["removed_at"], "2027-01-22T09:00:00.000Z");
    }
}
