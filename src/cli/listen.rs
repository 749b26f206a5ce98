//! Takes an address, or says in words why it cannot be had.

use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use super::Failure;

/// Listens on `address`, which the setting `key` gave.
pub(super) fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener =
        TcpListener::bind(address).map_err(|error| Failure::new(why(key, address, &error)))?;
    listener.set_nonblocking(true).map_err(Failure::new)?;
    Ok(listener)
}

fn why(key: &str, address: SocketAddr, error: &Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "{address} is in use, by another program or by a Tessera that runs already: stop that, \
             or choose another address with {key}"
        ),
        ErrorKind::AddrNotAvailable => {
            format!("this machine has no address {}: change {key}", address.ip())
        }
        ErrorKind::PermissionDenied => format!(
            "this user may not listen on {address}: choose a port above 1023 with {key}, or allow it"
        ),
        _ => format!("cannot listen on {address} ({key}): {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_named_with_the_key_that_changes_it() {
        let first = bind("server.listen", "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = first.local_addr().unwrap();
        let refused = bind("server.listen", address).unwrap_err().to_string();
        assert!(
            refused.starts_with(&format!("{address} is in use")),
            "{refused}"
        );
        assert!(refused.ends_with("with server.listen"), "{refused}");
    }
}
