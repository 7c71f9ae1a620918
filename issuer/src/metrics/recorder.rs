//! What keeps the numbers, and their text for whoever asks.

use super::table::{Kind, TABLE};
use metrics::{KeyName, Recorder};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// The text of all metrics.
#[derive(Clone)]
pub struct Exposition(PrometheusHandle);

impl Exposition {
    /// The metrics in the text format of Prometheus, as they are now.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// Sums up what was observed since the last time. Without it, or a reader, the observations would pile up.
    pub fn settle(&self) {
        self.0.run_upkeep();
    }
}

/// Has metrics kept, from here on, in the whole process.
///
/// # Errors
/// When it was done before.
pub fn install() -> Result<Exposition, BuildError> {
    let (recorder, exposition) = build()?;
    ::metrics::set_global_recorder(recorder)?;
    Ok(exposition)
}

/// A recorder that knows the table.
pub(super) fn build() -> Result<(PrometheusRecorder, Exposition), BuildError> {
    let mut builder = PrometheusBuilder::new();
    for row in TABLE {
        if let Kind::Histogram(buckets) = row.kind {
            let matcher = Matcher::Full(row.name.to_owned());
            builder = builder.set_buckets_for_metric(matcher, buckets)?;
        }
    }
    let recorder = builder.build_recorder();
    for row in TABLE {
        let (name, help) = (KeyName::from_const_str(row.name), row.help.into());
        match row.kind {
            Kind::Counter => recorder.describe_counter(name, None, help),
            Kind::Gauge => recorder.describe_gauge(name, None, help),
            Kind::Histogram(_) => recorder.describe_histogram(name, None, help),
        }
    }
    let exposition = Exposition(recorder.handle());
    Ok((recorder, exposition))
}
