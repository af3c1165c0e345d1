// Metrics kept by prometheus-cpp and written as its text format for /metrics.
#pragma once

#include "core/metrics.h"

#include <memory>
#include <string>

namespace carevoice::app {

class PrometheusMetrics final : public Metrics {
public:
    PrometheusMetrics();
    ~PrometheusMetrics() override;
    void add(std::string_view counter, MetricLabels labels, double amount) override;
    void set(std::string_view gauge, double value, MetricLabels labels) override;
    void observe_seconds(std::string_view histogram, double seconds, MetricLabels labels) override;

    [[nodiscard]] std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::app
