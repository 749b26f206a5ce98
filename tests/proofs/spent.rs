//! Everything here has the right types, and is one use too many.

use tessera::flows::Tessera;
use tessera::flows::issue::Prepared;
use tessera::protocol::client::Client;
use tessera::protocol::token::Issuance;
use tessera::storage::Tx;

fn signed_twice(tessera: &Tessera, client: &Client, prepared: Prepared) {
    let _ = tessera.sign(client, prepared, None);
    let _ = tessera.sign(client, prepared, None); //~ E0382
}

async fn prepared_twice(tessera: &Tessera, tx: &mut Tx<'_>, client: &Client, issuance: Issuance) {
    let now = tessera.now();
    let _ = tessera.prepare(tx, client, issuance, None, None, now).await;
    let _ = tessera.prepare(tx, client, issuance, None, None, now).await; //~ E0382
}
