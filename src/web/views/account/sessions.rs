//! Where the person is signed in.

use crate::base::Timestamp;
use crate::web::messages::Message;

/// A device on which the person is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSession {
    /// The session's public id.
    pub session_id: String,
    /// The `User-Agent` it was opened with.
    pub user_agent: String,
    /// The address it was last seen at.
    pub address: String,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl AccountSession {
    /// The device in simple words.
    #[must_use]
    pub fn device(&self) -> Message {
        device(&self.user_agent)
    }

    /// Whether it is held in the hand.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        ["Mobile", "Android", "iPhone", "iPad"]
            .iter()
            .any(|sign| self.user_agent.contains(sign))
    }
}

/// A device in simple words, from how its browser names itself.
#[must_use]
pub fn device(user_agent: &str) -> Message {
    match (browser(user_agent), system(user_agent)) {
        (Some(browser), Some(system)) => Message::new("device-browser-on-system")
            .with("browser", browser)
            .with("system", system),
        (Some(only), None) | (None, Some(only)) => Message::new("device-one").with("device", only),
        (None, None) => Message::new("device-unknown"),
    }
}

/// The browser. The order matters: nearly all of them claim to be all of the others.
fn browser(user_agent: &str) -> Option<&'static str> {
    [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi", "Vivaldi"),
        ("SamsungBrowser", "Samsung Internet"),
        ("DuckDuckGo/", "DuckDuckGo"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]
    .into_iter()
    .find_map(|(sign, name)| user_agent.contains(sign).then_some(name))
}

fn system(user_agent: &str) -> Option<&'static str> {
    [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find_map(|(sign, name)| user_agent.contains(sign).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::messages::Lang;

    fn device(user_agent: &str) -> String {
        AccountSession {
            session_id: String::new(),
            user_agent: user_agent.to_owned(),
            address: String::new(),
            last_seen: Timestamp::from_seconds(0),
            current: false,
        }
        .device()
        .text(Lang::En)
    }

    #[test]
    fn a_user_agent_becomes_a_device_in_simple_words() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "Firefox on Linux",
            ),
            ("curl/8.0", "curl"),
            ("", "Unknown device"),
            ("<script>", "Unknown device"),
        ] {
            assert_eq!(device(user_agent), expected);
        }
    }
}
