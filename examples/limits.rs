//! What this machine's cores can do at all, in CPU milliseconds as JSON: the floors of `bench/run`.
//!
//! One thread each; time is the CPU time of the process, so that neighbours disturb little.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use tessera::base::{Entropy, Secret};
use tessera::crypto::jose::{
    JwsAlgorithm, SigningAlgorithm, SigningKey, UnverifiedJwt, VerificationKey, generate,
};
use tessera::crypto::password::{PasswordCost, PasswordPool};

type Claims = BTreeMap<String, String>;

/// As long as the claims of a typical access token.
fn claims() -> Claims {
    let pairs = [
        ("iss", "http://localhost:8080"),
        ("sub", "0192f0c1-2d3e-7abc-8def-0123456789ab"),
        ("aud", "http://localhost:8080"),
        ("exp", "1800000600"),
        ("iat", "1800000000"),
        ("jti", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("client_id", "0192f0c1-2d3e-7abc-8def-0123456789ab"),
        ("scope", "openid profile email offline_access rows:read"),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// CPU time of this process, in kernel ticks of 10 ms (`getconf CLK_TCK` is 100 on Linux).
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no stat")?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || -> Result<f64, Box<dyn Error>> {
        Ok(fields.next().ok_or("a short stat")?.parse::<f64>()? * 10.0)
    };
    Ok(next()? + next()?)
}

fn measure(mut work: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    work()?;
    let (start, before) = (Instant::now(), cpu_ms()?);
    let mut rounds = 0.0;
    while start.elapsed() < Duration::from_secs(2) {
        work()?;
        rounds += 1.0;
    }
    Ok((cpu_ms()? - before) / rounds)
}

fn main() -> Result<(), Box<dyn Error>> {
    let entropy = Entropy::system();
    let claims = claims();
    let mut lines = Vec::new();
    for (name, alg, jws) in [
        ("es256", SigningAlgorithm::ES256, JwsAlgorithm::ES256),
        ("rs256", SigningAlgorithm::RS256, JwsAlgorithm::RS256),
    ] {
        let made = generate(alg, &entropy)?;
        let key = SigningKey::from_pkcs8(alg, &made.kid, &made.private)?;
        let sign = measure(|| {
            std::hint::black_box(key.sign("at+jwt", &claims)?);
            Ok(())
        })?;
        lines.push(format!("\"sign_{name}\": {sign:.5}"));
        let token = key.sign("at+jwt", &claims)?;
        let public = VerificationKey::from_jwk(&made.public)?;
        let verify = measure(|| {
            let proven = UnverifiedJwt::parse(&token)?.verify::<Claims>(&public, &[jws])?;
            std::hint::black_box(proven);
            Ok(())
        })?;
        lines.push(format!("\"verify_{name}\": {verify:.5}"));
    }
    let cost = PasswordCost {
        memory_kib: 19_456,
        iterations: 2,
        parallelism: 1,
    };
    let pool = PasswordPool::new(cost, 1, 1).map_err(|error| format!("{error:?}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let argon2 = measure(|| {
        let password = Secret::new("correct horse battery staple".to_owned());
        let hash = runtime
            .block_on(pool.hash(password, [7; 16]))
            .map_err(|error| format!("{error:?}"))?;
        std::hint::black_box(hash);
        Ok(())
    })?;
    lines.push(format!("\"argon2\": {argon2:.5}"));
    println!("{{{}}}", lines.join(", "));
    Ok(())
}
