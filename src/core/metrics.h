// Metrics without naming a metrics library. Names are constants ("carevoice_stt_seconds"); labels have few, known
// values and never hold an id or patient data.
#pragma once

#include <initializer_list>
#include <string_view>

namespace carevoice {

struct MetricLabel {
    std::string_view name;
    std::string_view value;
};

using MetricLabels = std::initializer_list<MetricLabel>;

/// Thread-safe, does not block, never throws.
class Metrics {
public:
    virtual ~Metrics() = default;
    virtual void add(std::string_view counter, MetricLabels labels = {}, double amount = 1) = 0;
    virtual void set(std::string_view gauge, double value, MetricLabels labels = {}) = 0;
    /// `seconds` goes into a histogram with buckets fit for latencies between 1 ms and 30 s.
    virtual void observe_seconds(std::string_view histogram, double seconds, MetricLabels labels = {}) = 0;
};

/// Throws everything away: for tests and command-line tools.
class NoMetrics final : public Metrics {
public:
    void add(std::string_view, MetricLabels, double) override {}
    void set(std::string_view, double, MetricLabels) override {}
    void observe_seconds(std::string_view, double, MetricLabels) override {}
};

}  // namespace carevoice
