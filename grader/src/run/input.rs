//! What a program works on: made from the seed, so that nothing can be learnt by heart and everything replayed.

use crate::course::{Generator, InputSpec};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// A record of the input.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub key: String,
    pub value: String,
    pub poison: bool,
}

/// Each scenario draws from the run's seed in its own way.
pub fn scenario_seed(seed: u64, scenario: &str) -> u64 {
    // FNV-1a: tiny, and the same for ever, which the standard library's hasher does not promise.
    scenario
        .bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The input of a scenario.
pub(super) fn make(spec: &InputSpec, seed: u64) -> Vec<Made> {
    let mut random = StdRng::seed_from_u64(seed);
    let [least, most] = spec.count;
    let mut count = random.random_range(least..=most);
    if spec.not_multiple_of.is_some_and(|n| n > 1 && count % n == 0) {
        count += 1;
    }
    let mut made: Vec<Made> = match spec.generator {
        Generator::Orders => orders(count, &mut random),
    };
    // Not the very first: a program that dies at once has not shown that it was poison.
    for index in 0..spec.poison {
        let at = random.random_range(1..=made.len());
        let value = ["{\"order_id\": \"order-", "not json at all", "{\"order_id\":,}", ""][index as usize % 4];
        made.insert(at, Made { key: "customer-0".into(), value: value.into(), poison: true });
    }
    made
}

fn orders(count: u32, random: &mut StdRng) -> Vec<Made> {
    let products = ["desk", "lamp", "chair", "shelf", "Regal “Öland”", "a, \"quoted\" rug"];
    let mut customers: Vec<u32> = (0..12).map(|_| random.random_range(100..999)).collect();
    customers.sort_unstable();
    customers.dedup();
    let mut ids: Vec<u32> = (0..count).map(|n| 1000 + n * 7).collect();
    ids.shuffle(random);
    ids.into_iter()
        .map(|id| {
            let customer = format!("customer-{}", customers[random.random_range(0..customers.len())]);
            let value: Value = json!({
                "order_id": format!("order-{id}"),
                "customer_id": customer,
                "product": products[random.random_range(0..products.len())],
                "quantity": random.random_range(1..=9),
                "price": f64::from(random.random_range(100..20_000)) / 100.0,
            });
            Made { key: customer, value: value.to_string(), poison: false }
        })
        .collect()
}
