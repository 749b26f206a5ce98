//! Audit events as syslog messages (RFC 5424).
//!
//! Our own formatter: those of others stamp a message with the time at which they write it, and an event has its own.

use serde_json::Value;

/// RFC 5612: the number of examples. Names of structured data that are nobody's standard carry a number (§7.2.2).
const STRUCTURED: &str = "tessera@32473";

/// RFC 5424 §6.2.1: what did not work is a warning, the rest informs.
const WARNING: u8 = 4;
const INFORMATIONAL: u8 = 6;

/// What is told besides the message, in this order.
const TOLD: [(&str, &str); 6] = [
    ("kind", "kind"),
    ("outcome", "outcome"),
    ("actor", "actor"),
    ("client", "client_id"),
    ("address", "address"),
    ("request_id", "request_id"),
];

/// Who speaks.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The facility's number.
    pub facility: u8,
    /// The host under which the deployment is known: the same from every node.
    pub hostname: String,
    /// The application.
    pub app_name: String,
}

impl Sender {
    /// A sealed event as a message: `line` is the event with its place in the chain
    /// ([`Line`](super::audit_line::Line)), byte for byte, so that a receiver can prove what it got.
    #[must_use]
    pub fn message(&self, line: &str) -> String {
        let event: Value = serde_json::from_str(line).unwrap_or_default();
        let failed = event["outcome"] == "failure";
        let priority = self.facility * 8 + if failed { WARNING } else { INFORMATIONAL };
        let at = header(event["at"].as_str().unwrap_or_default(), 32);
        let hostname = header(&self.hostname, 255);
        let app_name = header(&self.app_name, 48);
        let kind = header(event["kind"].as_str().unwrap_or_default(), 32);
        let mut told = vec![param("seq", &event["seq"].to_string())];
        told.extend(
            TOLD.iter()
                .filter_map(|(name, fact)| Some(param(name, event[*fact].as_str()?))),
        );
        let told = told.concat();
        // §6.4: "If a syslog application encodes MSG in UTF-8, the string MUST be encoded in UTF-8, and MUST start
        // with the Unicode byte order mask". What is ASCII needs none, and JSON readers do not like it.
        let mark = if line.is_ascii() { "" } else { "\u{feff}" };
        format!(
            "<{priority}>1 {at} {hostname} {app_name} - {kind} [{STRUCTURED}{told}] {mark}{line}"
        )
    }
}

/// A part of the head: visible ASCII up to a length, or the nil value (§6).
fn header(text: &str, longest: usize) -> String {
    let visible = text.chars().filter(char::is_ascii_graphic);
    let cut: String = visible.take(longest).collect();
    if cut.is_empty() { "-".to_owned() } else { cut }
}

/// RFC 5424 §6.3.3: "the characters '"' (ABNF %d34), '\' (ABNF %d92), and ']' (ABNF %d93) MUST be escaped". A control
/// character could end the message where receivers read lines: the message itself has it, as JSON writes it.
fn param(name: &str, value: &str) -> String {
    let mut text = format!(" {name}=\"");
    for c in value.chars() {
        match c {
            '"' | '\\' | ']' => text.extend(['\\', c]),
            c if c.is_control() => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// RFC 6587 §3.4.1 and RFC 5425 §4.3: the length in octets, a space, the message.
#[must_use]
pub fn counted(message: &str) -> String {
    format!("{} {message}", message.len())
}

/// RFC 5426 §3.2: what a datagram takes. A longer one is cut at its end, between characters.
#[must_use]
pub fn cut(message: &str, longest: usize) -> &str {
    &message[..message.floor_char_boundary(longest)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use syslog_loose::{Protocol, SyslogFacility, SyslogSeverity, Variant, parse_message};

    use super::*;
    use crate::protocol::audit::Kind;

    fn sender() -> Sender {
        Sender {
            facility: 13,
            hostname: "id.example".to_owned(),
            app_name: "tessera".to_owned(),
        }
    }

    fn event(actor: &str) -> Value {
        json!({"seq": 7, "hash": "x", "micros": 1_800_000_000_123_456_i64, "id": "e",
            "at": "2027-01-15T08:00:00.123Z", "kind": "sign_in", "actor": actor, "outcome": "failure",
            "client_id": "c1", "address": "192.0.2.1", "request_id": "r1"})
    }

    #[test]
    fn rfc5424_6_a_message_is_read_by_somebody_elses_parser() {
        let line = event("user:u1").to_string();
        let text = sender().message(&line);
        let read = parse_message(&text, Variant::RFC5424);
        assert_eq!(read.protocol, Protocol::RFC5424(1));
        assert_eq!(read.facility, Some(SyslogFacility::LOG_AUDIT));
        assert_eq!(read.severity, Some(SyslogSeverity::SEV_WARNING));
        assert_eq!(read.hostname, Some("id.example"));
        assert_eq!(read.appname, Some("tessera"));
        assert_eq!((read.procid, read.msgid), (None, Some("sign_in")));
        let at = read.timestamp.unwrap().timestamp_millis();
        assert_eq!(at, 1_800_000_000_123);
        assert_eq!(read.msg, line);
        let told = &read.structured_data[0];
        assert_eq!(told.id, "tessera@32473");
        let told: Vec<_> = told.params().collect();
        assert!(
            told.iter()
                .any(|(name, value)| **name == "seq" && *value == "7")
        );
        assert!(
            told.iter()
                .any(|(name, value)| **name == "actor" && *value == "user:u1")
        );
        assert_eq!(told.len(), 7);
    }

    #[test]
    fn rfc5424_6_3_3_quotes_backslashes_and_brackets_are_escaped_and_lines_do_not_end() {
        let text = sender().message(&event("a\"b\\c]d\ne\u{0}").to_string());
        assert!(text.contains(r#"actor="a\"b\\c\]d"#), "{text}");
        assert!(!text.contains(char::is_control), "{text}");
    }

    #[test]
    fn rfc5424_6_4_a_message_beyond_ascii_begins_with_a_mark() {
        let plain = sender().message(&event("user:u1").to_string());
        assert!(plain.contains("] {\""));
        let beyond = sender().message(&event("jürgen").to_string());
        assert!(beyond.contains("] \u{feff}{\"") && beyond.contains("actor=\"jürgen\""));
        assert_eq!(counted("ü"), "2 ü");
        assert_eq!(cut("aüb", 2), "a");
    }

    #[test]
    fn rfc5424_6_2_7_every_kind_fits_into_a_message_id() {
        for kind in Kind::ALL {
            assert!(kind.as_str().len() <= 32, "{}", kind.as_str());
        }
    }

    proptest! {
        /// Whatever is in an event, the message is the line again and the value is what it was.
        #[test]
        fn rfc5424_6_3_3_no_value_ends_its_place(actor in "[ -~äß語\\]\\\\\"]{0,20}") {
            let line = event(&actor).to_string();
            let text = sender().message(&line);
            let read = parse_message(&text, Variant::RFC5424);
            prop_assert_eq!(read.msg.trim_start_matches('\u{feff}'), line.as_str());
            let told: Vec<_> = read.structured_data[0].params().collect();
            prop_assert!(told.iter().any(|(name, value)| **name == "actor" && **value == *actor));
        }
    }
}
