//! Parameters that bind to both engines.

use uuid::Uuid;

use crate::base::ids::{
    EventId, GrantId, GroupId, OrganisationId, RoleGrantId, SessionId, TrialId, UserId,
};
use crate::base::{Digest, Timestamp};

/// One bound parameter. Typed also when it is null: PostgreSQL wants to know.
#[derive(Clone, Debug)]
pub enum Value {
    Int(Option<i64>),
    Bool(bool),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
    Id(Option<Uuid>),
}

macro_rules! into_value {
    ($($from:ty, $value:ident => $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self { $to }
        })*
    };
}

into_value! {
    i64, v => Self::Int(Some(v));
    Option<i64>, v => Self::Int(v);
    bool, v => Self::Bool(v);
    String, v => Self::Text(Some(v));
    &str, v => Self::Text(Some(v.to_owned()));
    Option<String>, v => Self::Text(v);
    Option<&str>, v => Self::Text(v.map(str::to_owned));
    Vec<u8>, v => Self::Blob(Some(v));
    Digest, v => Self::Blob(Some(v.as_bytes().to_vec()));
    Option<Digest>, v => Self::Blob(v.map(|d| d.as_bytes().to_vec()));
    Uuid, v => Self::Id(Some(v));
    Timestamp, v => Self::Int(Some(v.micros()));
    Option<Timestamp>, v => Self::Int(v.map(Timestamp::micros));
    UserId, v => Self::Id(Some(v.0));
    Option<UserId>, v => Self::Id(v.map(|id| id.0));
    SessionId, v => Self::Id(Some(v.0));
    Option<SessionId>, v => Self::Id(v.map(|id| id.0));
    GrantId, v => Self::Id(Some(v.0));
    EventId, v => Self::Id(Some(v.0));
    OrganisationId, v => Self::Id(Some(v.0));
    Option<OrganisationId>, v => Self::Id(v.map(|id| id.0));
    GroupId, v => Self::Id(Some(v.0));
    Option<GroupId>, v => Self::Id(v.map(|id| id.0));
    RoleGrantId, v => Self::Id(Some(v.0));
    TrialId, v => Self::Id(Some(v.0));
    Option<TrialId>, v => Self::Id(v.map(|id| id.0));
}

/// A list of parameters from anything that converts to [`Value`].
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::storage::Value::from($value)),*] };
}
pub(crate) use args;

/// Binds the parameters in order; the same text for either engine.
macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for value in $args {
            query = match value {
                Value::Int(v) => query.bind(v),
                Value::Bool(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::Blob(v) => query.bind(v),
                Value::Id(v) => query.bind(v),
            };
        }
        query
    }};
}
pub(super) use bind;
