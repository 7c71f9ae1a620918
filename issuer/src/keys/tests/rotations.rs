//! Rotations under load: a verifier with a set as old as verifiers keep one takes every token.

use super::*;
use credmint_core::limits::KEYS_STALE_MAX;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

#[tokio::test]
async fn i03_ten_rotations_under_concurrent_minting_give_no_token_that_a_cached_set_refuses() {
    let folder = state_directory();
    let database = Database::open(&StoreConfig::default(), folder.path()).await.unwrap();
    let options = options(folder.path());
    let mut keeper = KeyKeeper::open(database.clone(), &options, 3600, NOW).await.unwrap();
    let command = KeyStore::open(database, &options).unwrap();
    let (keys, clock, is_over, minted) = (
        keeper.keys(),
        Arc::new(AtomicI64::new(0)),
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let minting = {
        let (keys, clock, is_over, minted) =
            (keys.clone(), Arc::clone(&clock), Arc::clone(&is_over), Arc::clone(&minted));
        std::thread::spawn(move || {
            // A set is kept for as long as the slowest verifier keeps one, and then fetched anew.
            let (mut cached, mut fetched) = (keys.verifying(), 0);
            while !is_over.load(Ordering::SeqCst) {
                let now = clock.load(Ordering::SeqCst);
                if now - fetched >= KEYS_STALE_MAX {
                    (cached, fetched) = (keys.verifying(), now);
                }
                let token = keys.signer(None, NOW.plus(now)).unwrap();
                let token = token.sign("at+jwt", &json::Object::new()).unwrap();
                assert!(verifies(&cached, &token), "at {now} by a set of {fetched}");
                assert!(verifies(&keys.verifying(), &token), "at {now}");
                minted.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let mut kids = BTreeSet::new();
    let mut now = 0;
    for _ in 0..10 {
        command.rotate(&options.algorithms, Leaked::Nothing, NOW.plus(now)).await.unwrap();
        // Twenty minutes, one after the other.
        for _ in 0..20 {
            keeper.look(NOW.plus(now)).await;
            kids.insert(keys.signer(None, NOW.plus(now)).unwrap().public().kid().to_owned());
            now += 60;
            clock.store(now, Ordering::SeqCst);
            // At each time tokens are minted and verified.
            let before = minted.load(Ordering::SeqCst);
            while minted.load(Ordering::SeqCst) < before + 2 && !minting.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }
    is_over.store(true, Ordering::SeqCst);
    minting.join().unwrap();
    assert_eq!(kids.len(), 11);
}
