#include "simulator/faults.h"

#include <array>
#include <utility>

namespace carevoice::simulator {

void FaultBox::set(Faults faults) {
    const std::lock_guard lock(mutex_);
    faults_ = faults;
}

Faults FaultBox::get() const {
    const std::lock_guard lock(mutex_);
    return faults_;
}

CreateFault FaultBox::draw_create_fault() {
    const std::lock_guard lock(mutex_);
    if (faults_.creates_left == 0) return CreateFault::none;
    const std::array<std::pair<double, CreateFault>, 5> chances{{
        {faults_.create_429, CreateFault::too_many_requests},
        {faults_.create_500, CreateFault::server_error},
        {faults_.create_html, CreateFault::gateway_page},
        {faults_.create_never_answers, CreateFault::never_answers},
        {faults_.create_slow, CreateFault::slow},
    }};
    for (const auto& [chance, fault] : chances) {
        if (chance <= 0 || random_.next_unit() >= chance) continue;
        if (faults_.creates_left > 0) --faults_.creates_left;
        return fault;
    }
    return CreateFault::none;
}

bool FaultBox::draw(double Faults::*chance) {
    const std::lock_guard lock(mutex_);
    return faults_.*chance > 0 && random_.next_unit() < faults_.*chance;
}

std::optional<milliseconds> FaultBox::draw_stream_loss() {
    if (!draw(&Faults::stream_lost)) return std::nullopt;
    return get().stream_lost_after;
}

milliseconds FaultBox::draw_callback_delay() {
    if (!draw(&Faults::callback_late)) return milliseconds{0};
    const auto most = static_cast<double>(get().callback_late_most.count());
    return milliseconds{static_cast<milliseconds::rep>(random_.next_unit() * most)};
}

}  // namespace carevoice::simulator
