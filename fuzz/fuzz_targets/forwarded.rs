#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = credmint_fuzz::forwarded(data);
});
