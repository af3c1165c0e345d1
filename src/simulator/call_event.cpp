#include "simulator/call_event.h"

#include <utility>

namespace carevoice::simulator {

void CallEventHub::watch(std::string number, CallObserver observer) {
    const std::lock_guard lock(mutex_);
    if (observer)
        observers_.insert_or_assign(std::move(number), std::move(observer));
    else
        observers_.erase(number);
}

void CallEventHub::tell(const CallEvent& event) const {
    CallObserver of_number;
    CallObserver of_all;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = observers_.find(event.to); found != observers_.end()) of_number = found->second;
        if (const auto found = observers_.find(""); found != observers_.end()) of_all = found->second;
    }
    if (of_number) of_number(event);
    if (of_all) of_all(event);
}

}  // namespace carevoice::simulator
