// The running service: all rooms wired together. The only place that names concrete classes side by side.
#pragma once

#include "app/settings.h"
#include "core/error.h"
#include "core/random.h"
#include "core/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::app {

/// Starts on construction of start(), runs on threads of its own, stops in stop() or the destructor.
class Service {
public:
    /// Opens the database, loads protocols, loads the models that are there. What is missing does not stop it: see
    /// missing_parts(). Errors: the database, the protocols, or the address cannot be had.
    static Result<std::unique_ptr<Service>> start(const Settings& settings);
    ~Service();

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:8000"
    [[nodiscard]] std::string origin() const;
    /// "speech model (…/ggml-base.bin): run ./dev setup", one sentence each.
    [[nodiscard]] const std::vector<std::string>& missing_parts() const noexcept;

    /// From now on /health/ready says 503 and no call is begun here; live ones go on. Idempotent.
    void drain();
    [[nodiscard]] std::size_t live_calls() const;

    /// Refuses new requests, lets live ones and the last words of calls be stored for at most `grace`, and gives
    /// live calls free for other instances. Idempotent.
    void stop(milliseconds grace);

private:
    struct Rooms;
    explicit Service(std::unique_ptr<Rooms> rooms);
    std::unique_ptr<Rooms> rooms_;
};

}  // namespace carevoice::app
