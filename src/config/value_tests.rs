//! What values are read as, and what is refused.

use super::*;

fn text_of<T: Setting>(text: &str) -> Option<T> {
    T::parse(&Raw::Text(text.to_owned())).ok()
}

#[test]
fn durations_are_read_in_every_unit_and_shown_in_the_largest_that_fits() {
    for (given, seconds, shown) in [
        ("30s", 30, "\"30s\""),
        ("90", 90, "\"90s\""),
        ("10m", 600, "\"10m\""),
        ("8 h", 28_800, "\"8h\""),
        ("2w", 1_209_600, "\"14d\""),
        ("0s", 0, "\"0s\""),
    ] {
        let read: Duration = text_of(given).unwrap();
        assert_eq!(read, Duration::from_secs(seconds), "{given}");
        assert_eq!(read.show(), shown, "{given}");
    }
    assert_eq!(
        Duration::parse(&Raw::Integer(5)),
        Ok(Duration::from_secs(5))
    );
    assert_eq!(text_of("250ms"), Some(Duration::from_millis(250)));
    for wrong in [
        "",
        "s",
        "-1s",
        "1.5h",
        "10 minutes",
        "99999999999999999999d",
    ] {
        assert_eq!(text_of::<Duration>(wrong), None, "{wrong}");
    }
    assert!(Duration::parse(&Raw::Integer(-1)).is_err());
}

#[test]
fn sizes_are_read_in_binary_units() {
    assert_eq!(text_of("64KiB"), Some(ByteSize::kib(64)));
    assert_eq!(text_of("1 MiB"), Some(ByteSize::kib(1_024)));
    assert_eq!(
        ByteSize::parse(&Raw::Integer(10)).map(ByteSize::bytes),
        Ok(10)
    );
    assert_eq!(ByteSize::kib(64).show(), "\"64KiB\"");
    for wrong in ["", "64KB", "-1", "1GiB"] {
        assert_eq!(text_of::<ByteSize>(wrong), None, "{wrong}");
    }
}

#[test]
fn lists_come_as_arrays_or_with_commas() {
    let nets: Vec<IpNet> = text_of("10.0.0.0/8, ::1").unwrap();
    assert_eq!(nets.show(), "[\"10.0.0.0/8\", \"::1/128\"]");
    assert_eq!(text_of::<Vec<IpNet>>(""), Some(vec![]));
    assert_eq!(text_of::<Vec<IpNet>>("10.0.0.0/33"), None);
}

#[test]
fn an_empty_text_unsets_an_optional_key_and_no_other() {
    assert_eq!(text_of::<Option<PathBuf>>(""), Some(None));
    assert_eq!(text_of::<PathBuf>(""), None);
    assert_eq!(text_of::<String>("  "), None);
    assert_eq!(text_of::<bool>("yes"), None);
    assert_eq!(text_of::<u32>("-1"), None);
}
