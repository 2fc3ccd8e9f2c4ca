//! IndexedDB, raw: the only place that knows the database's schema.
//!
//! Nothing here has state: a database is the browser's own object, blocks and keys are JavaScript arrays, so a core that
//! trapped and was started anew can go on with them. No function throws; the promises reject with the browser's own
//! exception. What is to be written is issued before the function returns, because the page may be going away.
//!
//! The schema, for ever at version 1 (an upgrade would hang every other tab): the object stores `heads` and `bodies` hold the
//! blocks of a segment under one key, `[counter, writer, n]`, and `meta` holds settings.

mod blocks;

use js_sys::{Array, Function, JsString, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{future_to_promise, JsFuture};
use web_sys::{Event, IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest};
use web_sys::{IdbTransaction, IdbTransactionMode};

pub use blocks::{segments_index, segments_pack, segments_read};

#[wasm_bindgen]
extern "C" {
    /// The part of a transaction that web-sys calls unstable.
    type Committing;

    #[wasm_bindgen(catch, method)]
    fn commit(this: &Committing) -> Result<(), JsValue>;
}

const VERSION: u32 = 1;
const HEADS: &str = "heads";
const BODIES: &str = "bodies";
const META: &str = "meta";

/// Opens the database, creating it when it is new: a promise of the `IDBDatabase`. `heard` becomes the handler of its
/// `versionchange` and `close` events, and has to close it; and it is told of `upgradeneeded` where the database was made.
#[wasm_bindgen(js_name = idbOpen)]
pub fn open(name: &str, heard: Function) -> Promise {
    let request = factory().and_then(|factory| factory.open_with_u32(name, VERSION));
    future_to_promise(async move {
        let request = request?;
        let made = heard.clone();
        let upgrade = Closure::once(move |event: Event| {
            create_stores(&event)?;
            made.call1(&JsValue::NULL, &event)
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        succeeded(&request).await?;
        let db: IdbDatabase = request.result()?.unchecked_into();
        db.set_onversionchange(Some(&heard));
        db.set_onclose(Some(&heard));
        Ok(db.into())
    })
}

/// All heads, as of one moment: a promise of `[keys, pages]`, oldest first. `pages` are promises of arrays, the heads of `page` keys each: what has
/// come can be taken in while the rest is on its way. Each is asked for by its key: `getAll` takes Chromium three times as long.
#[wasm_bindgen(js_name = idbHeads)]
pub fn heads(db: &IdbDatabase, page: u32) -> Promise {
    let asked = transaction(db, IdbTransactionMode::Readonly)
        .and_then(|(_, heads, _)| Ok((heads.get_all_keys()?, heads)));
    future_to_promise(async move {
        let (request, heads) = asked?;
        succeeded(&request).await?;
        let keys: Array = request.result()?.unchecked_into();
        let pages = Array::new();
        // The transaction is still active: this is the microtask of its own event.
        for from in (0..keys.length()).step_by(page.max(1) as usize) {
            let its = keys.slice(from, from.saturating_add(page.max(1)));
            pages.push(&results(its.iter().map(|key| heads.get(&key)).collect()));
        }
        Ok(Array::of2(&keys, &pages).into())
    })
}

/// The keys of all segments, oldest first: a promise of `[keys]`.
#[wasm_bindgen(js_name = idbKeys)]
pub fn keys(db: &IdbDatabase) -> Promise {
    answers(db, |heads, _| Ok(vec![heads.get_all_keys()?]))
}

/// Segments by their keys, as of one moment: a promise of `[head, body, head, body, …]`, undefined for what is not there.
#[wasm_bindgen(js_name = idbRead)]
pub fn read(db: &IdbDatabase, keys: &Array) -> Promise {
    answers(db, |heads, bodies| {
        let mut requests = Vec::new();
        for key in keys.iter() {
            requests.push(heads.get(&key)?);
            requests.push(bodies.get(&key)?);
        }
        Ok(requests)
    })
}

/// Bodies of segments by their keys: a promise of an array, undefined for what is not there.
#[wasm_bindgen(js_name = idbBodies)]
pub fn bodies(db: &IdbDatabase, keys: &Array) -> Promise {
    answers(db, |_, bodies| keys.iter().map(|key| bodies.get(&key)).collect())
}

/// Writes segments and deletes others in one transaction: `blocks` holds a head and a body for each of `keys`, and `gone` the keys of
/// what goes. Everything is issued, commit included, when this returns; the promise says whether it is durable, and rejects with what
/// aborted the transaction.
#[wasm_bindgen(js_name = idbWrite)]
pub fn write(db: &IdbDatabase, keys: &Array, blocks: &Array, gone: &Array) -> Promise {
    finished(db, |heads, bodies| {
        for key in gone.iter() {
            heads.delete(&key)?;
            bodies.delete(&key)?;
        }
        for (i, key) in (0u32..).zip(keys.iter()) {
            heads.put_with_key(&blocks.get(2 * i), &key)?;
            bodies.put_with_key(&blocks.get(2 * i + 1), &key)?;
        }
        Ok(())
    })
}

/// Issues requests now; a promise of their results.
fn answers(
    db: &IdbDatabase,
    issue: impl FnOnce(&IdbObjectStore, &IdbObjectStore) -> Result<Vec<IdbRequest>, JsValue>,
) -> Promise {
    results(transaction(db, IdbTransactionMode::Readonly).and_then(|(_, h, b)| issue(&h, &b)))
}

/// A promise of what requests that were issued answer. All are listened to before this returns: a success that nobody heard does not come again.
fn results(requests: Result<Vec<IdbRequest>, JsValue>) -> Promise {
    let heard = requests.map(|requests| {
        let events: Array = requests.iter().map(listen).collect();
        (requests, Promise::all(&events))
    });
    future_to_promise(async move {
        let (requests, events) = heard?;
        JsFuture::from(events).await.map_err(|event| reason(&event))?;
        let results = Array::new();
        for request in &requests {
            results.push(&request.result()?);
        }
        Ok(results.into())
    })
}

/// `indexedDB` of the page or worker. Reading it throws in some sandboxes.
fn factory() -> Result<IdbFactory, JsValue> {
    let factory = Reflect::get(&js_sys::global(), &JsString::from("indexedDB").into())?;
    if factory.is_object() {
        Ok(factory.unchecked_into())
    } else {
        Err(js_sys::Error::new("there is no IndexedDB here").into())
    }
}

fn create_stores(event: &Event) -> Result<(), JsValue> {
    let request: IdbOpenDbRequest = event.target().ok_or(JsValue::NULL)?.unchecked_into();
    let db: IdbDatabase = request.result()?.unchecked_into();
    for store in [HEADS, BODIES, META] {
        db.create_object_store(store)?;
    }
    Ok(())
}

/// A transaction over heads and bodies, and both stores.
fn transaction(
    db: &IdbDatabase,
    mode: IdbTransactionMode,
) -> Result<(IdbTransaction, IdbObjectStore, IdbObjectStore), JsValue> {
    let stores = Array::of2(&JsString::from(HEADS), &JsString::from(BODIES));
    let transaction = db.transaction_with_str_sequence_and_mode(&stores, mode)?;
    let heads = transaction.object_store(HEADS)?;
    let bodies = transaction.object_store(BODIES)?;
    Ok((transaction, heads, bodies))
}

/// Issues requests and a commit now; the promise resolves when the transaction is complete.
fn finished(
    db: &IdbDatabase,
    issue: impl FnOnce(&IdbObjectStore, &IdbObjectStore) -> Result<(), JsValue>,
) -> Promise {
    let done = transaction(db, IdbTransactionMode::Readwrite).and_then(|(transaction, heads, bodies)| {
        if let Err(error) = issue(&heads, &bodies) {
            // Half of a write is worse than none.
            let _ = transaction.abort();
            return Err(error);
        }
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        // Without it the browser commits by itself, but not when the page is gone by then.
        let _ = transaction.unchecked_ref::<Committing>().commit();
        Ok(done)
    });
    future_to_promise(async move {
        JsFuture::from(done?).await.map_err(|event| reason(&event))?;
        Ok(JsValue::UNDEFINED)
    })
}

/// A promise of the event that settles the request. The promise's own functions are the handlers, so nothing has to be freed.
fn listen(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    })
}

async fn succeeded(request: &IdbRequest) -> Result<(), JsValue> {
    JsFuture::from(listen(request)).await.map(drop).map_err(|event| reason(&event))
}

/// The exception behind an `error` or `abort` event.
fn reason(event: &JsValue) -> JsValue {
    let target = event.dyn_ref::<Event>().and_then(Event::target);
    let error = target.and_then(|target| Reflect::get(&target, &JsString::from("error").into()).ok());
    match error {
        Some(error) if error.is_object() => error,
        _ => js_sys::Error::new("the transaction was aborted").into(),
    }
}

/// The bytes of a stored block; what is not bytes is no block.
fn bytes_of(block: &JsValue) -> Vec<u8> {
    block.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}
