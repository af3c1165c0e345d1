// How alerts leave the service, as the settings ask for it: routing, channels, the dispatcher, the escalator.
#pragma once

#include "app/settings.h"
#include "async/blocking_pool.h"
#include "async/task.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "domain/notification.h"
#include "domain/patient.h"
#include "net/client.h"
#include "storage/repositories.h"
#include "twilio/telephony.h"

#include <functional>
#include <memory>
#include <string>

namespace carevoice::app {

struct AlertDeps {
    async::Executor executor;
    storage::Database& database;
    async::BlockingPool& database_pool;
    net::HttpClient& http;
    twilio::Telephony& telephony;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    std::string public_origin;                      ///< links in messages lead there
    std::function<void(const AlertId&)> show = {};  ///< to those who look at the wall now. Any thread, quick
};

/// Outlived by what it is made with.
class Alerts {
public:
    Alerts(const Settings& settings, AlertDeps deps);
    ~Alerts();

    /// Who is told of a patient's alert. Pure but for the clock, thread-safe, valid as long as this object.
    [[nodiscard]] std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> planner() const;
    /// Something was queued. Thread-safe.
    void nudge();
    void start();
    /// Waits for the deliveries under way.
    async::Task<> stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace carevoice::app
