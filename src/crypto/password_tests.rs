use super::*;

const CHEAP: PasswordCost = PasswordCost {
    memory_kib: 8,
    iterations: 1,
    parallelism: 1,
};

fn pool() -> PasswordPool {
    PasswordPool::new(CHEAP, 2, 10).unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

const RIGHT: Verdict = Verdict::Right {
    needs_rehash: false,
};

#[tokio::test]
async fn the_right_password_is_right_and_any_other_wrong() {
    let pool = pool();
    let hash = pool.hash(secret("correct horse"), [1; 16]).await.unwrap();
    let verify = async |text: &str| pool.verify(secret(text), Some(hash.clone())).await;
    assert_eq!(verify("correct horse").await, Ok(RIGHT));
    for wrong in ["correct hors", "Correct horse", "", "correct horse "] {
        assert_eq!(verify(wrong).await, Ok(Verdict::Wrong));
    }
    assert!(hash.as_phc().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_eq!(format!("{hash:?}"), "[password hash]");
}

#[tokio::test]
async fn an_unknown_user_is_wrong_even_with_the_dummy_password() {
    for text in ["anything", "nobody", ""] {
        assert_eq!(pool().verify(secret(text), None).await, Ok(Verdict::Wrong));
    }
}

#[tokio::test]
async fn composed_and_decomposed_letters_are_the_same_password() {
    let pool = pool();
    let hash = pool.hash(secret("caf\u{e9}"), [1; 16]).await.unwrap();
    let verdict = pool.verify(secret("cafe\u{301}"), Some(hash)).await;
    assert_eq!(verdict, Ok(RIGHT));
}

#[tokio::test]
async fn a_password_is_never_cut_off_and_too_long_a_one_refused() {
    let pool = pool();
    let longest = "x".repeat(MAX_PASSWORD_BYTES);
    let longer = format!("{longest}x");
    let hash = pool.hash(secret(&longest), [1; 16]).await.unwrap();
    let cut = pool.verify(secret(&longest[1..]), Some(hash.clone())).await;
    assert_eq!(cut, Ok(Verdict::Wrong));
    assert_eq!(
        pool.verify(secret(&longer), Some(hash.clone())).await,
        Ok(Verdict::Wrong)
    );
    assert_eq!(pool.verify(secret(&longest), Some(hash)).await, Ok(RIGHT));
    let refused = pool.hash(secret(&longer), [1; 16]).await;
    assert_eq!(refused.unwrap_err(), HashRefused::TooLong);
    // U+0958 grows in NFC.
    let grows = pool.hash(secret(&"\u{958}".repeat(300)), [1; 16]).await;
    assert_eq!(grows.unwrap_err(), HashRefused::TooLong);
    // The stand-in for a password that is too long opens nothing.
    let empty = pool.hash(secret(""), [1; 16]).await.unwrap();
    assert_eq!(
        pool.verify(secret(&longer), Some(empty)).await,
        Ok(Verdict::Wrong)
    );
}

#[tokio::test]
async fn a_hash_of_another_cost_still_verifies_and_asks_to_be_renewed() {
    let other = PasswordCost {
        iterations: 2,
        ..CHEAP
    };
    let old = PasswordPool::new(other, 1, 1).unwrap();
    let hash = old.hash(secret("pw"), [1; 16]).await.unwrap();
    let verdict = pool().verify(secret("pw"), Some(hash)).await;
    assert_eq!(verdict, Ok(Verdict::Right { needs_rehash: true }));
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_frees_itself() {
    let pool = PasswordPool::new(CHEAP, 1, 1).unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let running = tokio::spawn({
        let pool = pool.clone();
        async move { pool.run(move |_| held.recv().is_err()).await }
    });
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.verify(secret("pw"), None).await }
    });
    while pool.admission.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pool.verify(secret("pw"), None).await, Err(Busy));
    let refused = pool.hash(secret("pw"), [1; 16]).await;
    assert_eq!(refused.unwrap_err(), HashRefused::Busy);
    drop(release);
    assert_eq!(running.await.unwrap(), Ok(true));
    assert_eq!(waiting.await.unwrap(), Ok(Verdict::Wrong));
    assert_eq!(pool.verify(secret("pw"), None).await, Ok(Verdict::Wrong));
}

#[test]
fn stored_hashes_are_checked_before_they_cost_anything() {
    let phc = |text: &str| PasswordHash::from_phc(text.to_owned());
    let tail = "$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A";
    assert!(phc(&format!("$argon2id$v=19$m=19456,t=2,p=1{tail}")).is_ok());
    for bad in [
        format!("$argon2id$v=19$m=4194304,t=2,p=1{tail}"),
        format!("$argon2id$v=19$m=19456,t=4294967295,p=1{tail}"),
        "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
        "$2b$10$abcdefghijklmnopqrstuu".to_owned(),
        "hunter2".to_owned(),
        String::new(),
    ] {
        assert_eq!(phc(&bad).unwrap_err(), InvalidHash, "{bad}");
    }
}

#[test]
fn rfc9106_3_1_parameters_that_argon2_does_not_allow_are_refused() {
    for cost in [
        PasswordCost {
            memory_kib: 7,
            ..CHEAP
        },
        PasswordCost {
            iterations: 0,
            ..CHEAP
        },
        PasswordCost {
            parallelism: 0,
            ..CHEAP
        },
        PasswordCost {
            parallelism: 2,
            ..CHEAP
        },
    ] {
        assert_eq!(PasswordPool::new(cost, 1, 1).unwrap_err(), InvalidCost);
    }
}

#[test]
fn checks_that_take_far_more_memory_than_our_own_run_one_at_a_time() {
    use std::sync::mpsc::channel;
    use std::time::Duration;
    let pool = pool();
    let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc";
    let hash = |kib: u32| {
        let text = format!("$argon2id$v=19$m={kib},t=1,p=1{tail}");
        PasswordHash::from_phc(text).unwrap()
    };
    let turn = pool.hasher.dear.lock().unwrap();
    let (done, result) = channel();
    std::thread::scope(|scope| {
        let (hasher, dear) = (&pool.hasher, hash(65_537));
        scope.spawn(move || done.send(hasher.verify(&secret("a"), Some(&dear))));
        // The usual ones do not wait for it.
        let usual = pool.hasher.verify(&secret("a"), Some(&hash(65_536)));
        assert_eq!(usual, Verdict::Wrong);
        assert!(result.recv_timeout(Duration::from_millis(300)).is_err());
        drop(turn);
        assert_eq!(result.recv(), Ok(Verdict::Wrong));
    });
}
