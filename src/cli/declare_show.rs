//! A plan for people: what comes (+), changes (~) and goes (-).

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde_json::Value;

use super::{Failure, output};
use crate::protocol::declared::{
    ANOTHER_SECRET, Change, MemberChange, Plan, SECRET, What, visible,
};

/// Prints it.
pub(super) fn plan(plan: &Plan) -> Result<(), Failure> {
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    output::line(text(plan, colours).trim_end())
}

fn text(plan: &Plan, colours: bool) -> String {
    let paint = |line: String, colour: &str| {
        if colours {
            format!("\u{1b}[{colour}m{line}\u{1b}[0m\n")
        } else {
            line + "\n"
        }
    };
    let mut shown = String::new();
    for change in &plan.changes {
        let name = head(change);
        match &change.what {
            What::Added(members) => {
                shown += &paint(format!("+ {name}"), GREEN);
                for (member, value) in members {
                    shown += &paint(format!("    {} = {}", visible(member), one(value)), GREEN);
                }
            }
            What::Changed(members) => {
                shown += &paint(format!("~ {name}"), YELLOW);
                for change in members {
                    for line in lines(change) {
                        shown += &paint(format!("    {line}"), YELLOW);
                    }
                }
            }
            What::Removed => shown += &paint(format!("- {name}"), RED),
        }
    }
    for note in &plan.notes {
        let section = note.section.singular();
        let _ = writeln!(
            shown,
            "Note: {section} {}: {}",
            quoted(&note.name),
            visible(&note.note)
        );
    }
    let count = |wanted: fn(&What) -> bool| {
        plan.changes
            .iter()
            .filter(|change| wanted(&change.what))
            .count()
    };
    let sum = match plan.changes.len() {
        0 => "Nothing to do.".to_owned(),
        _ => format!(
            "{} to add, {} to change, {} to remove.",
            count(|what| matches!(what, What::Added(_))),
            count(|what| matches!(what, What::Changed(_))),
            count(|what| matches!(what, What::Removed)),
        ),
    };
    shown + &sum
}

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";

fn head(change: &Change) -> String {
    format!("{} {}", change.section.singular(), quoted(&change.name))
}

fn quoted(text: &str) -> String {
    one(&Value::from(text))
}

fn one(value: &Value) -> String {
    visible(&value.to_string())
}

/// Of lists, what comes and goes.
fn lines(change: &MemberChange) -> Vec<String> {
    let member = visible(&change.member);
    if let (Some(Value::Array(old)), Some(Value::Array(new))) = (&change.old, &change.new) {
        let gone = old
            .iter()
            .filter(|one| !new.contains(one))
            .map(|gone| ("-", gone));
        let come = new
            .iter()
            .filter(|one| !old.contains(one))
            .map(|come| ("+", come));
        let lines: Vec<String> = gone
            .chain(come)
            .map(|(sign, value)| format!("{member}: {sign} {}", one(value)))
            .collect();
        if !lines.is_empty() {
            return lines;
        }
    }
    if change.member == SECRET && change.old.as_ref().is_some_and(|old| old == ANOTHER_SECRET) {
        let new = change.new.as_ref().map_or_else(String::new, one);
        return vec![format!("{member}: ({ANOTHER_SECRET}) -> {new}")];
    }
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "(not set)".to_owned(), one);
    vec![format!(
        "{member}: {} -> {}",
        shown(&change.old),
        shown(&change.new)
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::declared::{Note, Section};

    fn change(section: Section, name: &str, what: What) -> Change {
        let (name, key) = (name.to_owned(), name.to_owned());
        Change {
            section,
            name,
            key,
            version: None,
            what,
        }
    }

    #[test]
    fn a_plan_is_told_member_by_member_and_nothing_in_it_turns_the_text_around() {
        let members = [
            (
                "redirect_uris",
                Some(json!(["a", "b"])),
                Some(json!(["b", "c"])),
            ),
            (
                "client_name",
                Some(json!("old")),
                Some(json!("\u{202e}\u{1b}[2Jnew")),
            ),
            ("require_pkce", None, Some(json!(true))),
            ("scope", Some(json!("openid")), None),
        ]
        .map(|(member, old, new)| MemberChange {
            member: member.to_owned(),
            old,
            new,
        });
        let added = json!({"title": "<b>"}).as_object().cloned().unwrap();
        let plan = Plan {
            changes: vec![
                change(Section::Organisations, "acme", What::Added(added)),
                change(Section::Clients, "app", What::Changed(members.into())),
                change(Section::Groups, "x\u{200f}y", What::Removed),
            ],
            notes: vec![Note {
                section: Section::Roles,
                name: "other".to_owned(),
                note: "is not in the file, and stays".to_owned(),
            }],
        };
        let told = text(&plan, false);
        assert_eq!(
            told,
            r#"+ organisation "acme"
    title = "<b>"
~ client "app"
    redirect_uris: - "a"
    redirect_uris: + "c"
    client_name: "old" -> "\u{202e}\u001b[2Jnew"
    require_pkce: (not set) -> true
    scope: "openid" -> (not set)
- group "x\u{200f}y"
Note: role "other": is not in the file, and stays
1 to add, 1 to change, 1 to remove."#
        );
        assert!(text(&plan, true).contains("\u{1b}[32m+ organisation"));
        assert_eq!(text(&Plan::default(), true), "Nothing to do.");
    }
}
