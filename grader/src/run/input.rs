//! What a program works on: made from the seed, so that nothing can be learnt by heart and everything replayed.

mod baskets;
mod telemetry;

use crate::course::{Generator, InputSpec, Label};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A record of the input.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// Decides about its place.
    pub key: String,
    /// It lies there all the same, without a key.
    pub keyless: bool,
    pub value: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub poison: bool,
    pub mark: Option<String>,
}

/// The seed of a part of what draws from `seed`, by the part's name: a scenario of a run, a purpose in a scenario. Each has
/// a stream of its own.
pub fn derived_seed(seed: u64, name: &str) -> u64 {
    // FNV-1a: tiny, and the same for ever, which the standard library's hasher does not promise.
    name.bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A part of a scenario's input, the `part`th: ids do not repeat from one part to the next.
pub(super) fn make(spec: &InputSpec, seed: u64, part: u32) -> Vec<Made> {
    let mut random = StdRng::seed_from_u64(seed.wrapping_add(u64::from(part)));
    let [least, most] = spec.count;
    let mut count = random.random_range(least..=most);
    if spec.not_multiple_of.is_some_and(|n| n > 1 && count % n == 0) {
        count += 1;
    }
    let mut ids: Vec<u32> = (0..count).map(|n| 1000 + part * 100_000 + n * 7).collect();
    ids.shuffle(&mut random);
    let mut made: Vec<Made> = match spec.generator {
        Generator::Orders => orders(&ids, spec.words, &mut random),
        Generator::Payments => payments(&ids, &mut random),
        Generator::Telemetry => telemetry::readings(count as usize, spec.late, part, &mut random),
        Generator::TelemetryVersions => telemetry::versions(count as usize, part, &mut random),
        Generator::Baskets => baskets::given(&ids, &mut random),
        Generator::PlacedOrders => baskets::placed(&ids, &mut random),
        Generator::Rush => baskets::rush(&ids, &mut random),
    };
    mark(&mut made, &spec.marks, &mut random);
    if spec.headers {
        made.iter_mut().for_each(|made| made.headers = headers(&mut random));
    }
    for _ in 0..spec.duplicates.min(count) {
        let first = random.random_range(0..made.len());
        let again = made[first].again();
        made.insert(random.random_range(first + 1..=made.len()), again);
    }
    for stranger in 0..spec.strangers {
        // The last one behind everything: whoever does not move on past it never comes to the end of its partition.
        let last = stranger + 1 == spec.strangers;
        let at = if last { made.len() } else { random.random_range(0..=made.len()) };
        made.insert(at, baskets::stranger(part, stranger));
    }
    // Not the very first: a program that dies at once has not shown that it was poison. And with the key of the record
    // behind it, so that in its partition there is more to do when it has been dealt with.
    for index in 0..spec.poison {
        let behind = made.len().saturating_sub(1);
        let at = if spec.poison_last { made.len() } else { random.random_range(behind.min(1)..=behind) };
        let key = made.get(at).map_or("customer-0", |behind| &behind.key).to_owned();
        let value = poison(spec.generator, index as usize);
        let headers = if spec.headers { headers(&mut random) } else { Vec::new() };
        made.insert(at, Made { poison: true, headers, ..Made::new(key, value) });
    }
    for kind in 0..spec.broken {
        let at = random.random_range(1.min(made.len())..=made.len());
        let Some((at, good)) = before(spec.generator, &made, at, kind as usize) else { continue };
        let (key, value) = (good.key.clone(), broken(spec.generator, good, kind as usize));
        let headers = if spec.headers { headers(&mut random) } else { Vec::new() };
        made.insert(at, Made { poison: true, headers, ..Made::new(key, value) });
    }
    let mut poison: Vec<&mut Made> = made.iter_mut().filter(|made| made.poison).collect();
    poison.shuffle(&mut random);
    poison.into_iter().take(spec.keyless as usize).for_each(|made| made.keyless = true);
    for (name, label) in &spec.labels {
        let value = match label {
            Label::Text(text) => text.clone(),
            Label::Later { in_ms } => jiff::Timestamp::now().as_millisecond().saturating_add(*in_ms).to_string(),
        };
        made.iter_mut().for_each(|made| made.headers.push((name.clone(), value.clone().into_bytes())));
    }
    made
}

/// The records of the aborted transaction that stands before this part, whose ids are in no part.
pub(super) fn make_aborted(spec: &InputSpec, seed: u64, part: u32) -> Vec<Made> {
    let count = [spec.aborted; 2];
    let spec = InputSpec {
        count,
        not_multiple_of: None,
        poison: 0,
        strangers: 0,
        duplicates: 0,
        marks: BTreeMap::new(),
        ..spec.clone()
    };
    make(&spec, derived_seed(seed, "aborted"), ABORTED + part)
}

/// No scenario has so many parts.
const ABORTED: u32 = 10_000;

/// A value that nobody can work on, in the `kind`th way: not JSON, some of which begin as this generator's do, or an event
/// that is none.
fn poison(generator: Generator, kind: usize) -> &'static [u8] {
    let texts = match generator {
        Generator::Orders => ["{\"order_id\": \"order-", "not json at all", "{\"order_id\":,}", ""],
        Generator::Payments => ["{\"payment_id\": \"payment-", "not json at all", "{\"payment_id\":,}", ""],
        Generator::Telemetry | Generator::TelemetryVersions => {
            ["{\"vehicle_id\": \"v-0", "not json at all", "{\"vehicle_id\":,}", ""]
        }
        Generator::Baskets | Generator::PlacedOrders | Generator::Rush => baskets::POISON,
    };
    match kind % (texts.len() + 1) {
        0 => texts[0].as_bytes(),
        1 => NO_TEXT,
        kind => texts[kind - 1].as_bytes(),
    }
}

/// Latin-1, which is no UTF-8: to some languages another error than that of the parser. No JSON either for who overlooks it.
const NO_TEXT: &[u8] = b"{\"product\": \"Regal \xd6land\"";

/// Where a broken record is to stand, at `at` or behind it, and which good one before that it is to be like.
fn before(generator: Generator, made: &[Made], at: usize, kind: usize) -> Option<(usize, &Made)> {
    let good = |at: &usize| match generator {
        Generator::Telemetry => telemetry::to_be_broken(made, *at, kind),
        _ => made[..*at].iter().rev().find(|made| !made.poison),
    };
    let places = (at..=made.len()).chain(0..at);
    places.map(|at| (at, good(&at))).find_map(|(at, good)| Some((at, good?)))
}

/// A record like this one with which something is wrong, in the `kind`th way: it is JSON, and not what it should be.
fn broken(generator: Generator, good: &Made, kind: usize) -> String {
    match generator {
        Generator::Telemetry => telemetry::broken(good, kind),
        Generator::TelemetryVersions => telemetry::broken_version(good, kind),
        Generator::Orders | Generator::Payments | Generator::Baskets | Generator::PlacedOrders | Generator::Rush => {
            let value = serde_json::from_slice::<Value>(&good.value).unwrap_or_default();
            json!([value]).to_string()
        }
    }
}

impl Made {
    /// The same once more as another producer may write it: the fields the other way round.
    fn again(&self) -> Made {
        let fields = serde_json::from_slice::<serde_json::Map<String, Value>>(&self.value).unwrap_or_default();
        let value = Value::Object(fields.into_iter().rev().collect());
        Made { value: value.to_string().into_bytes(), ..self.clone() }
    }

    pub(super) fn new(key: impl Into<String>, value: impl Into<Vec<u8>>) -> Made {
        Made { key: key.into(), keyless: false, value: value.into(), headers: Vec::new(), poison: false, mark: None }
    }
}

/// Gives each mark to as many records as it asks for, none to the same twice.
fn mark(made: &mut [Made], marks: &BTreeMap<String, u32>, random: &mut StdRng) {
    let mut order: Vec<usize> = (0..made.len()).collect();
    order.shuffle(random);
    let wanted = marks.iter().flat_map(|(mark, count)| std::iter::repeat_n(mark, *count as usize));
    for (at, mark) in order.into_iter().zip(wanted) {
        made[at].mark = Some(mark.clone());
    }
}

/// What a record may carry: text, bytes that are no text, and the same key twice.
fn headers(random: &mut StdRng) -> Vec<(String, Vec<u8>)> {
    let trace: [u8; 4] = random.random();
    vec![
        ("trace".into(), format!("{:08x}", u32::from_be_bytes(trace)).into_bytes()),
        ("via".into(), b"web".to_vec()),
        ("via".into(), b"gateway".to_vec()),
        ("span".into(), [&[0xff, 0x00], &trace[..]].concat()),
    ]
}

fn customers(random: &mut StdRng) -> Vec<String> {
    let mut customers: Vec<u32> = (0..12).map(|_| random.random_range(100..999)).collect();
    customers.sort_unstable();
    customers.dedup();
    customers.into_iter().map(|customer| format!("customer-{customer}")).collect()
}

fn orders(ids: &[u32], words: u32, random: &mut StdRng) -> Vec<Made> {
    let products = ["desk", "lamp", "chair", "shelf", "Regal “Öland”", "a, \"quoted\" rug"];
    let customers = customers(random);
    ids.iter()
        .map(|id| {
            let customer = &customers[random.random_range(0..customers.len())];
            let mut product = products[random.random_range(0..products.len())].to_owned();
            (0..words).for_each(|_| described(&mut product, random));
            let value: Value = json!({
                "order_id": format!("order-{id}"),
                "customer_id": customer,
                "product": product,
                "quantity": random.random_range(1..=9),
                "price_cents": random.random_range(100..20_000),
            });
            Made::new(customer, value.to_string())
        })
        .collect()
}

/// One more word about the product.
fn described(product: &mut String, random: &mut StdRng) {
    let words =
        ["oak", "steel", "with drawers", "foldable", "black", "oiled", "for two", "round", "stackable", "linen"];
    product.push_str(", ");
    product.push_str(words[random.random_range(0..words.len())]);
}

/// Every fifth is like the one before but for its id: somebody buys the same again.
fn payments(ids: &[u32], random: &mut StdRng) -> Vec<Made> {
    let customers = customers(random);
    let mut last = (&customers[0], 0);
    ids.iter()
        .enumerate()
        .map(|(at, id)| {
            if at % 5 != 4 {
                last = (&customers[random.random_range(0..customers.len())], random.random_range(100..100_000));
            }
            let (customer, amount) = last;
            let value: Value = json!({
                "payment_id": format!("payment-{id}"),
                "customer_id": customer,
                "amount_cents": amount,
            });
            Made::new(customer, value.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn made(seed: u64) -> Vec<Made> {
        let spec = "generator = \"payments\"\ncount = [24, 30]\nduplicates = 4";
        make(&toml::from_str(spec).expect("a part of a scenario"), seed, 0)
    }

    /// How many different ones there are, told apart by this.
    fn different<T: std::hash::Hash + Eq>(made: &[Made], by: impl Fn(&Value) -> T) -> usize {
        let value = |made: &Made| serde_json::from_slice(&made.value).expect("a payment");
        made.iter().map(|made| by(&value(made))).collect::<HashSet<T>>().len()
    }

    #[test]
    fn what_has_no_key_is_poison_and_lies_beside_the_others() {
        let with = |keyless: &str| {
            let spec = format!("generator = \"payments\"\ncount = [24, 30]\npoison = 3\nbroken = 3\n{keyless}");
            make(&toml::from_str(&spec).expect("a part of a scenario"), 7, 0)
        };
        let (all, some) = (with(""), with("keyless = 4"));
        let without: Vec<&Made> = some.iter().filter(|made| made.keyless).collect();
        assert!(without.len() == 4 && without.iter().all(|made| made.poison));
        assert!(all.iter().zip(&some).all(|(one, other)| (&one.key, &one.value) == (&other.key, &other.value)));
    }

    #[test]
    fn only_its_id_tells_one_payment_from_another() {
        for seed in 0..50 {
            let made = made(seed);
            let ids = different(&made, |payment| payment["payment_id"].to_string());
            let what = different(&made, |payment| format!("{}{}", payment["customer_id"], payment["amount_cents"]));
            let bytes = made.iter().map(|made| &made.value).collect::<HashSet<_>>().len();
            assert_eq!((ids, ids < bytes, what < ids), (made.len() - 4, true, true), "seed {seed}");
        }
    }
}
