#include "simulator/party.h"

#include <utility>

namespace carevoice::simulator {

void PhoneBook::connect(std::string number, Answer answer) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(std::move(number), std::move(answer));
}

void PhoneBook::disconnect(const std::string& number) {
    const std::lock_guard lock(mutex_);
    entries_.erase(number);
}

std::shared_ptr<Party> PhoneBook::ring(const std::string& number, const CallSid& sid) const {
    Answer answer;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) return nullptr;
        answer = found->second;
    }
    return answer(sid);
}

}  // namespace carevoice::simulator
