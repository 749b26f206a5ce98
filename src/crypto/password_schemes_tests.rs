use super::super::{PasswordCost, PasswordHash, PasswordPool, Verdict};
use super::*;
use crate::base::Secret;

/// Vectors from elsewhere, each with its password: the schemes' own documents and Python's hashlib.
#[rustfmt::skip]
const VECTORS: &[(&str, &str)] = &[
    // The reference implementation of Argon2, test.c.
    ("password", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
    ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    // crypt_blowfish, wrapper.c.
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ("U*U*U", "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    // RFC 7914 §12.
    ("pleaseletmein", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"),
    // RFC 6070 §2.
    ("passwordPASSWORDpassword", "$pbkdf2-sha1$i=4096,l=25$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA"),
    // hashlib.pbkdf2_hmac.
    ("correct horse", "$pbkdf2-sha1$i=10000,l=20$MDEyMzQ1Njc4OWFiY2RlZg$PfCAKXMJGIxI4FChAYKzBCKkhNE"),
    ("correct horse", "$pbkdf2-sha256$i=10000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc"),
    ("correct horse", "$pbkdf2-sha512$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$Ku2kkJn6DxC9USh74Agbkv4vbBI4ZhZ8d47MX26bL/eRW8hekiZ5S9cnh202r0tlRpHPMeEkni4bLxrm9+9Cvw"),
    ("correct horse", "pbkdf2_sha256$10000$seasalt2$Txm5eKAvOJaEfQ/Wupd8TQTVGtKhcyUTkymzM2r3XSw="),
];

const CHEAP: PasswordCost = PasswordCost {
    memory_kib: 8,
    iterations: 1,
    parallelism: 1,
};

fn imported(text: &str) -> PasswordHash {
    PasswordHash::import(text, true).unwrap_or_else(|why| panic!("{text}: {why}"))
}

fn stored_is_of(text: &str, password: &str) -> bool {
    let stored = imported(text);
    Stored::parse(stored.as_phc())
        .unwrap()
        .is_of(password.as_bytes())
}

#[test]
fn vectors_from_elsewhere_verify_and_a_letter_more_or_less_does_not() {
    for (password, text) in VECTORS {
        assert!(stored_is_of(text, password), "{text}");
        assert!(!stored_is_of(text, &format!("{password}x")), "{text}");
        assert!(!stored_is_of(text, &password[1..]), "{text}");
        assert!(!stored_is_of(text, ""), "{text}");
    }
}

#[test]
fn rfc7914_11_and_rfc6070_2_short_salts_come_out_right() {
    let derived = |prf, password: &[u8], salt: &[u8], rounds, length| {
        let mut out = vec![0; length];
        derive(prf, password, salt, rounds, &mut out);
        let hex: Vec<String> = out.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.concat()
    };
    assert_eq!(
        derived(Prf::Sha256, b"passwd", b"salt", 1, 64),
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
         49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
    );
    assert_eq!(
        derived(Prf::Sha1, b"password", b"salt", 2, 20),
        "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"
    );
}

#[tokio::test]
async fn a_right_password_asks_for_a_hash_of_our_own_whatever_the_scheme() {
    let pool = PasswordPool::new(CHEAP, 1, 10).unwrap();
    for (password, text) in VECTORS {
        let verify = async |typed: &str| {
            let typed = Secret::new(typed.to_owned());
            pool.verify(typed, Some(imported(text))).await.unwrap()
        };
        let right = Verdict::Right { needs_rehash: true };
        assert_eq!(verify(password).await, right, "{text}");
        assert_eq!(verify("something else").await, Verdict::Wrong, "{text}");
    }
}

#[tokio::test]
async fn a_password_is_also_tried_as_it_was_typed_elsewhere() {
    // Two code points: our own form of it has one.
    let typed = "cafe\u{301}";
    let hash = bcrypt::hash_with_salt(typed, 4, [7; 16]).unwrap();
    let pool = PasswordPool::new(CHEAP, 1, 10).unwrap();
    let verify = async |typed: &str| {
        let typed = Secret::new(typed.to_owned());
        pool.verify(typed, Some(imported(&hash.to_string()))).await
    };
    let right = Ok(Verdict::Right { needs_rehash: true });
    assert_eq!(verify(typed).await, right);
    // The one form cannot be turned into the other that was hashed: it never opened that door.
    assert_eq!(verify("caf\u{e9}").await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn bcrypt_sees_72_bytes_and_then_its_hash_stays() {
    let pool = PasswordPool::new(CHEAP, 1, 10).unwrap();
    // crypt_blowfish, wrapper.c.
    let hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    let seen = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    assert_eq!(seen.len(), 72);
    let verify = async |typed: String| {
        let verdict = pool.verify(Secret::new(typed), Some(imported(hash)));
        verdict.await.unwrap()
    };
    let right = |needs_rehash| Verdict::Right { needs_rehash };
    assert_eq!(verify(seen.to_owned()).await, right(true));
    assert_eq!(
        verify(format!("{seen}chars after 72 are ignored")).await,
        right(false)
    );
    assert_eq!(verify(seen[..71].to_owned()).await, Verdict::Wrong);
}

#[test]
fn a_nul_in_a_password_is_not_where_it_ends() {
    let hash = bcrypt::hash_with_salt("secret", 4, [7; 16]).unwrap();
    let hash = hash.to_string();
    assert!(stored_is_of(&hash, "secret"));
    assert!(!stored_is_of(&hash, "secret\0anything"));
    let empty = bcrypt::hash_with_salt("", 4, [7; 16]).unwrap();
    assert!(!stored_is_of(&empty.to_string(), "\0"));
}

#[test]
fn what_would_stop_the_server_is_refused_also_where_weak_ones_are_taken() {
    let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc";
    let bcrypt = "XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
    for dear in [
        format!("$argon2id$v=19$m=524288,t=1,p=1{tail}"),
        format!("$argon2id$v=19$m=262144,t=5,p=1{tail}"),
        format!("$argon2id$v=19$m=65536,t=4294967295,p=1{tail}"),
        format!("$2b$15${bcrypt}"),
        format!("$2b$31${bcrypt}"),
        format!("$scrypt$ln=18,r=8,p=1{tail}"),
        format!("$scrypt$ln=30,r=1024,p=1024{tail}"),
        format!("$scrypt$ln=10,r=8,p=1024{tail}"),
        format!("$pbkdf2-sha256$i=2000001{tail}"),
        format!("$pbkdf2-sha512$i=4294967295{tail}"),
    ] {
        for accept_weak in [false, true] {
            let refused = PasswordHash::import(&dear, accept_weak).unwrap_err();
            assert!(matches!(refused, NotImportable::Dear { .. }), "{dear}");
            assert!(!refused.to_string().contains("TI2grt"), "{refused}");
        }
    }
    // Nor is one computed that got into the table by another way.
    let hostile = format!("$pbkdf2-sha512$i=4294967295{tail}");
    assert!(PasswordHash::from_phc(hostile).is_err());
}

#[test]
fn what_is_guessed_soon_is_taken_only_knowingly() {
    let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc";
    let bcrypt = "XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
    for (weak, enough) in [
        (
            "$argon2id$v=19$m=16384,t=1,p=1",
            "$argon2id$v=19$m=7168,t=5,p=1",
        ),
        ("$scrypt$ln=13,r=8,p=1", "$scrypt$ln=14,r=8,p=1"),
        ("$pbkdf2-sha1$i=9999", "$pbkdf2-sha1$i=10000"),
        ("$pbkdf2-sha512$i=1", "$pbkdf2-sha512$i=210000"),
    ] {
        let refused = PasswordHash::import(&format!("{weak}{tail}"), false).unwrap_err();
        assert!(matches!(refused, NotImportable::Weak { .. }), "{weak}");
        assert!(PasswordHash::import(&format!("{weak}{tail}"), true).is_ok());
        assert!(PasswordHash::import(&format!("{enough}{tail}"), false).is_ok());
    }
    let weak = format!("$2b$09${bcrypt}");
    let refused = PasswordHash::import(&weak, false).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "is too weak: bcrypt is taken from 10 as the cost, or knowingly with --accept-weak-hashes"
    );
    assert!(PasswordHash::import(&format!("$2b$10${bcrypt}"), false).is_ok());
}

#[test]
fn what_is_no_hash_of_a_known_scheme_is_refused() {
    let salt = "$MDEyMzQ1Njc4OWFiY2RlZg";
    for bad in [
        "",
        "hunter2",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$6$rounds=5000$salt$aaaa",
        "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
        "$2b$3$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
        "$2b$99$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
        "$2b$10$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx\u{e9}a",
        "$2b$10$short",
        "$scrypt$ln=14,r=0,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "$scrypt$ln=255,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "$pbkdf2-md5$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "$pbkdf2-sha256$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        // The length that it says is another one.
        "$pbkdf2-sha256$i=10000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "$pbkdf2-sha256$i=0$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "pbkdf2_sha256$10000$salt",
        "pbkdf2_sha256$10000$salt$%%%",
    ]
    .map(str::to_owned)
    .into_iter()
    // A salt without a hash, and a hash of 10 bytes.
    .chain([
        format!("$pbkdf2-sha256$i=10000{salt}"),
        format!("$pbkdf2-sha256$i=10000{salt}$TI2grtvV1HW5nw"),
    ]) {
        let refused = PasswordHash::import(&bad, true).unwrap_err();
        assert_eq!(refused, NotImportable::Unknown, "{bad}");
    }
}

#[test]
fn rfc8018_5_2_of_a_long_pbkdf2_only_the_first_block_is_computed() {
    // hashlib.pbkdf2_hmac, 64 bytes: four blocks of SHA-1.
    let head = "$pbkdf2-sha1$i=10000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$";
    let long = format!(
        "{head}PfCAKXMJGIxI4FChAYKzBCKkhNFrEWJEKzgTbxOxnoVKpwU34SCSQBmXkwKyBuYYANIsFoySQyG83gGJzHPEVw"
    );
    assert!(stored_is_of(&long, "correct horse"));
    assert!(!stored_is_of(&long, "correct horsf"));
    assert!(!stored_is_of(&long, ""));
    // What stands behind it is not looked at: computing it would cost three times as much again.
    let tail = format!(
        "{head}PfCAKXMJGIxI4FChAYKzBCKkhNFrEWJEKzgTbxOxnoVKpwU34SCSQBmXkwKyBuYYANIsFoySQyG83gGJzHPEVA"
    );
    assert!(stored_is_of(&tail, "correct horse"));
}

#[test]
fn a_second_spelling_is_tried_only_where_two_checks_are_within_what_one_may_cost() {
    let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc";
    let bcrypt = "XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
    for (text, twice) in [
        (format!("$argon2id$v=19$m=19456,t=2,p=1{tail}"), true),
        (format!("$argon2id$v=19$m=262144,t=4,p=1{tail}"), false),
        (format!("$2b$13${bcrypt}"), true),
        (format!("$2b$14${bcrypt}"), false),
        (format!("$pbkdf2-sha256$i=1000000{tail}"), true),
        (format!("$pbkdf2-sha256$i=1000001{tail}"), false),
    ] {
        let stored = Stored::parse(&text).unwrap();
        assert_eq!(stored.may_be_computed_twice(), twice, "{text}");
    }
}

#[tokio::test]
async fn an_empty_password_is_wrong_also_against_a_hash_of_it() {
    let pool = PasswordPool::new(CHEAP, 1, 10).unwrap();
    let own = pool.hash(Secret::new(String::new()), [1; 16]).await;
    // hashlib.pbkdf2_hmac of nothing.
    let pbkdf2 = "$pbkdf2-sha1$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$DRIR0IOOCy89ZZwgQ7SaPV0PFKQ";
    assert!(stored_is_of(pbkdf2, ""));
    let bcrypt = bcrypt::hash_with_salt("", 4, [7; 16]).unwrap().to_string();
    for hash in [own.unwrap(), imported(pbkdf2), imported(&bcrypt)] {
        let verdict = pool.verify(Secret::new(String::new()), Some(hash));
        assert_eq!(verdict.await, Ok(Verdict::Wrong));
    }
}
