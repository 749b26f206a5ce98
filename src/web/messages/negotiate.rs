//! Which language a person is spoken to in.

use super::Lang;

/// The best language for a person: first what the application asked for (`ui_locales`, OIDC Core
/// §3.1.2.1: space-separated, in order of preference), then what the browser asks for
/// (`Accept-Language`, RFC 9110 §12.5.4), then the default. Never fails.
#[must_use]
pub fn negotiate(spoken: &[Lang], accept_language: &str, ui_locales: &str) -> Lang {
    ui_locales
        .split_ascii_whitespace()
        .find_map(|range| matching(spoken, range))
        .or_else(|| {
            by_quality(accept_language)
                .into_iter()
                .find_map(|(range, _)| matching(spoken, range))
        })
        .or(spoken.first().copied())
        .unwrap_or_default()
}

/// RFC 4647 §3.4 "Lookup": `de-AT-1996` is cut from the end until something is known.
fn matching(spoken: &[Lang], range: &str) -> Option<Lang> {
    let primary = range.split(['-', '_']).next().unwrap_or(range);
    spoken
        .iter()
        .copied()
        .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
}

fn by_quality(accept_language: &str) -> Vec<(&str, f32)> {
    let mut ranges: Vec<(&str, f32)> = accept_language
        .split(',')
        // A header of thousands of ranges is not a person's.
        .take(32)
        .filter_map(|item| {
            let mut parts = item.split(';');
            let range = parts.next()?.trim();
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
            (quality > 0.0).then_some((range, quality))
        })
        .collect();
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_heard_before_the_browser() {
        assert_eq!(negotiate(&Lang::ALL, "en", "fr de-CH en"), Lang::De);
        assert_eq!(negotiate(&Lang::ALL, "de", "en"), Lang::En);
    }

    #[test]
    fn the_browser_is_heard_by_quality_and_order() {
        assert_eq!(negotiate(&Lang::ALL, "en;q=0.4, de;q=0.8", ""), Lang::De);
        assert_eq!(negotiate(&Lang::ALL, "fr, de-AT, en", ""), Lang::De);
        assert_eq!(negotiate(&Lang::ALL, "de;q=0, en;q=0.1", ""), Lang::En);
    }

    #[test]
    fn nonsense_gets_the_default() {
        for header in ["", "*", ";;,,;q=", "de;q=high", "\u{0}", "q=1"] {
            assert_eq!(negotiate(&Lang::ALL, header, ""), Lang::En, "{header:?}");
        }
        assert_eq!(negotiate(&Lang::ALL, "", "tlh"), Lang::En);
    }

    #[test]
    fn a_language_that_is_not_spoken_here_is_not_spoken_to_anybody() {
        assert_eq!(negotiate(&[Lang::De], "en", "en"), Lang::De);
        assert_eq!(negotiate(&[Lang::De, Lang::En], "fr", ""), Lang::De);
        assert_eq!(negotiate(&[Lang::De, Lang::En], "en", ""), Lang::En);
        assert_eq!(negotiate(&[], "de", ""), Lang::En);
    }

    #[test]
    fn the_languages_that_may_be_chosen_are_those_with_a_catalogue() {
        let known = Lang::ALL.map(Lang::tag);
        assert_eq!(known, crate::base::looks::LANGUAGES);
    }
}
