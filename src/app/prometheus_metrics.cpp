#include "app/prometheus_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

namespace carevoice::app {

namespace {

const prometheus::Histogram::BucketBoundaries latency_buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3,
                                                              0.5,   0.7,    1.0,   1.4,  2.0,   4.0,  8.0, 30.0};

/// Counters that deploy/prometheus/alerts.yml watches. Prometheus sees a rise only of what it has seen before, so the
/// first loss of all would go unseen if they were not there from the start.
constexpr std::string_view watched[] = {"carevoice_turns_lost_total", "carevoice_utterances_not_transcribed_total",
                                        "carevoice_streams_lost_total"};

prometheus::Labels to_labels(MetricLabels labels) {
    prometheus::Labels out;
    for (const auto& label : labels) out.emplace(label.name, label.value);
    return out;
}

/// Families by name: the registry would build a new one each time.
template <class Family>
using Families = std::map<std::string, Family*, std::less<>>;

template <class Family, class Build>
Family& family(Families<Family>& known, std::string_view name, Build build) {
    if (const auto found = known.find(name); found != known.end()) return *found->second;
    Family& made = build();
    known.emplace(name, &made);
    return made;
}

}  // namespace

struct PrometheusMetrics::Impl {
    mutable std::mutex mutex;
    prometheus::Registry registry;
    Families<prometheus::Family<prometheus::Counter>> counters;
    Families<prometheus::Family<prometheus::Gauge>> gauges;
    Families<prometheus::Family<prometheus::Histogram>> histograms;
};

PrometheusMetrics::PrometheusMetrics() : impl_(std::make_unique<Impl>()) {
    for (const auto name : watched) PrometheusMetrics::add(name, {}, 0);
    for (const std::string_view code : {"unavailable", "timed_out"})
        PrometheusMetrics::add("carevoice_database_errors_total", {{"code", code}}, 0);
    for (const std::string_view kind : {"webhook", "stream"})
        PrometheusMetrics::add("carevoice_signatures_refused_total", {{"kind", kind}}, 0);
    PrometheusMetrics::set("carevoice_live_calls", 0, {});
}
PrometheusMetrics::~PrometheusMetrics() = default;

void PrometheusMetrics::add(std::string_view counter, MetricLabels labels, double amount) {
    const std::lock_guard lock(impl_->mutex);
    auto& of_name = family(impl_->counters, counter, [&]() -> auto& {
        return prometheus::BuildCounter().Name(std::string(counter)).Register(impl_->registry);
    });
    of_name.Add(to_labels(labels)).Increment(amount);
}

void PrometheusMetrics::set(std::string_view gauge, double value, MetricLabels labels) {
    const std::lock_guard lock(impl_->mutex);
    auto& of_name = family(impl_->gauges, gauge, [&]() -> auto& {
        return prometheus::BuildGauge().Name(std::string(gauge)).Register(impl_->registry);
    });
    of_name.Add(to_labels(labels)).Set(value);
}

void PrometheusMetrics::observe_seconds(std::string_view histogram, double seconds, MetricLabels labels) {
    const std::lock_guard lock(impl_->mutex);
    auto& of_name = family(impl_->histograms, histogram, [&]() -> auto& {
        return prometheus::BuildHistogram().Name(std::string(histogram)).Register(impl_->registry);
    });
    of_name.Add(to_labels(labels), latency_buckets).Observe(seconds);
}

std::string PrometheusMetrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace carevoice::app
