// Metrics that a test can ask.
#pragma once

#include "core/metrics.h"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace carevoice::tests {

/// Names a series as Prometheus does: "calls_total{outcome=ok,to=x}", its labels in the order they were given.
class CountingMetrics final : public Metrics {
public:
    void add(std::string_view counter, MetricLabels labels, double amount) override {
        const std::lock_guard lock(mutex_);
        values_[series(counter, labels)] += amount;
    }
    void set(std::string_view gauge, double value, MetricLabels labels) override {
        const std::lock_guard lock(mutex_);
        values_[series(gauge, labels)] = value;
    }
    /// Counted only.
    void observe_seconds(std::string_view histogram, double, MetricLabels labels) override {
        const std::lock_guard lock(mutex_);
        values_[series(histogram, labels)] += 1;
    }

    /// 0 for a series that nobody has touched.
    [[nodiscard]] double value(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        const auto found = values_.find(name);
        return found == values_.end() ? 0 : found->second;
    }

    /// No series has been touched.
    [[nodiscard]] bool empty() const {
        const std::lock_guard lock(mutex_);
        return values_.empty();
    }

private:
    static std::string series(std::string_view name, MetricLabels labels) {
        std::string text(name);
        char separator = '{';
        for (const auto& label : labels) {
            text.append(1, separator).append(label.name).append("=").append(label.value);
            separator = ',';
        }
        return labels.size() == 0 ? text : text + "}";
    }

    mutable std::mutex mutex_;
    std::map<std::string, double> values_;
};

}  // namespace carevoice::tests
