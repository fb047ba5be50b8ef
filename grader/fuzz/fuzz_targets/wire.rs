//! Any bytes, as what a client sends and as what a broker answers to it.
#![no_main]

use bytes::Bytes;
use grader::wire;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let frame = Bytes::copy_from_slice(bytes);
    let Ok(head) = wire::request_head(&frame) else { return };
    if let Ok(wire::Request::Produce { batches, .. }) = wire::request(&head, &frame) {
        batches.iter().for_each(drop); // which decodes them
    }
    let _ = wire::refuse(&head, &frame, 19);
    let _ = wire::lower_fetch_wait(&head, &frame, 10);
    // A response does not say what it answers; the first four bytes choose that, and serve as its correlation id too.
    let _ = wire::response(head.api, head.version, &frame);
    let _ = wire::rewrite_addresses(head.api, head.version, &frame, &mut |_, _, _| ("127.0.0.1".into(), 1));
});
