//! JSON as people read it: indented, and told apart by colour.

use serde_json::Value;

/// A run of text of one colour; the class is empty for what holds it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// `key`, `text`, `number` or `word`.
    pub class: &'static str,
    /// As it is written.
    pub text: String,
}

/// The value in pieces, over as many lines as it takes.
#[must_use]
pub fn pieces(value: &Value) -> Vec<Piece> {
    let mut out = Vec::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut Vec<Piece>) {
    let mut add = |class, text: String| out.push(Piece { class, text });
    match value {
        Value::Object(members) if !members.is_empty() => {
            add("", "{".to_owned());
            for (n, (name, value)) in members.iter().enumerate() {
                line(n, depth + 1, out);
                out.push(Piece {
                    class: "key",
                    text: Value::from(name.as_str()).to_string(),
                });
                out.push(Piece {
                    class: "",
                    text: ": ".to_owned(),
                });
                write(value, depth + 1, out);
            }
            close("}", depth, out);
        }
        Value::Array(items) if !items.is_empty() => {
            add("", "[".to_owned());
            for (n, value) in items.iter().enumerate() {
                line(n, depth + 1, out);
                write(value, depth + 1, out);
            }
            close("]", depth, out);
        }
        Value::String(_) => add("text", value.to_string()),
        Value::Number(_) => add("number", value.to_string()),
        Value::Bool(_) | Value::Null => add("word", value.to_string()),
        Value::Object(_) | Value::Array(_) => add("", value.to_string()),
    }
}

fn line(n: usize, depth: usize, out: &mut Vec<Piece>) {
    let comma = if n == 0 { "" } else { "," };
    let text = format!("{comma}\n{}", "  ".repeat(depth));
    out.push(Piece { class: "", text });
}

fn close(end: &str, depth: usize, out: &mut Vec<Piece>) {
    let text = format!("\n{}{end}", "  ".repeat(depth));
    out.push(Piece { class: "", text });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_together_are_the_same_json() {
        let value = serde_json::json!({"a": ["x", 1, {"b": null}], "c": {}, "d": [], "e\"": true});
        let written: String = pieces(&value).into_iter().map(|one| one.text).collect();
        assert_eq!(written, serde_json::to_string_pretty(&value).unwrap());
        let keys = pieces(&value).into_iter().filter(|one| one.class == "key");
        assert_eq!(keys.count(), 5);
    }
}
