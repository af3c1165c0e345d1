// All routes of the service in one place.
#pragma once

#include "api/event_feed.h"
#include "api/wall_files.h"
#include "calls/async_store.h"
#include "calls/call_service.h"
#include "core/metrics.h"
#include "core/time.h"
#include "net/client.h"
#include "net/server.h"
#include "twilio/telephony.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::api {

/// What the handlers need; all outlive the server.
struct ApiDeps {
    calls::CallService& calls;
    calls::AsyncStore& store;
    twilio::Telephony& telephony;
    const Clock& clock;
    Metrics& metrics;
    std::string public_origin;                    ///< without a slash at its end; signatures cover it
    std::vector<std::string> twilio_auth_tokens;  ///< two while one is being rotated; empty: every webhook is refused
    std::string admin_api_key;                    ///< empty: the API is open (loopback only; the program sees to that)
    std::vector<std::string> missing_parts;       ///< what /health/ready reports as degraded: "speech model"
    std::function<std::string()> metrics_text;    ///< Prometheus text format
    net::HttpClient* peers = nullptr;             ///< to the other instances; nullptr: there are none
    std::shared_ptr<const WallFiles> wall = {};   ///< nullptr: what was built in
    EventFeed* events = nullptr;                  ///< nullptr: /api/v1/events is unavailable
    milliseconds events_heartbeat{15'000};        ///< a comment so often shows all in between that the stream lives
    calls::CallWatcher* watcher = nullptr;        ///< of alerts that people have looked after; nullptr: nobody looks
    std::function<bool()> shares_state = {};      ///< whether the session store works; empty: there is none
    std::function<void()> on_recording = {};      ///< one is ready to be fetched; any thread
};

/// Every row of the HTTP contract: calls, patients, alerts, Twilio's webhooks and media WebSocket, health, metrics, the
/// wall.
net::Router make_router(ApiDeps deps);

}  // namespace carevoice::api
