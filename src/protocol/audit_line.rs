//! A sealed event as one line of JSON: what is exported and what is streamed. The event as it was recorded, with its
//! place in the chain in front, so that nothing that the hash covers is lost.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::Timestamp;

/// A sealed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the chain.
    pub seq: i64,
    /// The link of the chain.
    pub hash: Vec<u8>,
    /// When it happened, to the microsecond: the event itself says it to the millisecond.
    pub at: Timestamp,
    /// The JSON object that was recorded, byte for byte.
    pub body: String,
}

impl Line {
    /// As text, without an end of line: no JSON text that we write has one in it.
    #[must_use]
    pub fn write(&self) -> String {
        let (seq, micros) = (self.seq, self.at.micros());
        let hash = URL_SAFE_NO_PAD.encode(&self.hash);
        // Nothing is in an object but `}`; no event is empty.
        let rest = self.body.strip_prefix('{').unwrap_or("}");
        format!(r#"{{"seq":{seq},"hash":"{hash}","micros":{micros},{rest}"#)
    }

    /// Reads what [`Self::write`] wrote, and nothing else.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let (seq, rest) = line
            .strip_prefix(r#"{"seq":"#)?
            .split_once(r#","hash":""#)?;
        let (hash, rest) = rest.split_once(r#"","micros":"#)?;
        let (micros, rest) = rest.split_once(',')?;
        let read = Self {
            seq: seq.parse().ok()?,
            hash: URL_SAFE_NO_PAD.decode(hash).ok()?,
            at: Timestamp::from_micros(micros.parse().ok()?),
            body: format!("{{{rest}"),
        };
        (read.write() == line).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(body: &str) -> Line {
        Line {
            seq: 7,
            hash: vec![0xff; 32],
            at: Timestamp::from_micros(1_800_000_000_123_456),
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_line_is_json_and_reads_back_byte_for_byte() {
        let body = r#"{"id":"a","seq":"typed","micros": 1 ,"text":"\",\"hash\":\"x"}"#;
        let text = line(body).write();
        assert!(!text.contains('\n'));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["id"], "a");
        assert_eq!(Line::read(&text), Some(line(body)));
    }

    #[test]
    fn nothing_else_is_a_line() {
        let good = line(r#"{"id":"a"}"#).write();
        for bad in [
            "",
            "{}",
            r#"{"id":"a"}"#,
            &format!(" {good}"),
            &good.replace("\"seq\":7", "\"seq\":+7"),
            &good.replace("\"seq\":7", "\"seq\": 7"),
            &good.replace("_8\"", "_8=\""),
            &good.replace("_8\"", "_9\""),
        ] {
            assert_eq!(Line::read(bad), None, "{bad}");
        }
    }
}
