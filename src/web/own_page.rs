//! Which addresses are pages of ours that somebody may be sent to after proving who they are.

/// Longer than any link that we make ourselves.
const LONGEST: usize = 1024;

/// The address of a page that only signed-in people see, with its query, if it is nothing but that: a link must
/// not lead people elsewhere (RFC 9700 §4.11), however browsers read it.
#[must_use]
pub fn own_page(text: &str) -> Option<&str> {
    if text.len() > LONGEST {
        return None;
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let below = |room: &str| {
        path.strip_prefix(room)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let made_of = |text: &str, marks: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    let ours = (below("/account") || below("/admin"))
        // Neither dots, nor escapes, nor backslashes: the path is what it looks like.
        && made_of(path, b"/-_")
        && !path.contains("//")
        // As forms write it.
        && made_of(query, b"-_.*+%=&")
        && made_of(fragment, b"-_");
    ours.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn rfc9700_4_11_only_pages_of_ours_are_returned_to() {
        for good in [
            "/account",
            "/account/password",
            "/account#passkeys",
            "/admin",
            "/admin/clients/01890000-0000-7000-8000-000000000000",
            "/admin/clients?q=photo+album&kind=web",
            "/admin/users?organisation=0189&after=%C3%A4",
        ] {
            assert_eq!(own_page(good), Some(good));
        }
        for evil in [
            "",
            "/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/admin",
            "javascript:alert(1)",
            "/admin\r\nset-cookie: a=b",
            "/admin\tx",
            "/admin /x",
            "%2f%2fevil.example",
            "/%2f%2fevil.example",
            "/admin/%2f%2fevil.example",
            "/admin/..//evil.example",
            "/admin/../sign-out",
            "/admin//evil.example",
            "/administrator",
            "/account@evil.example",
            "/account\\@evil",
            "/admin?next=https://evil.example",
            "/admin#//evil.example",
            "/admin?\u{202e}",
            "/sign-out",
            "/authorize?client_id=x",
        ] {
            assert_eq!(own_page(evil), None, "{evil}");
        }
        assert_eq!(own_page(&format!("/admin?q={}", "a".repeat(1024))), None);
    }
}
