#include "simulator/answer_book.h"

#include <utility>

namespace carevoice::simulator {

AnswerBook::AnswerBook(std::shared_ptr<const Scenario> scenario, Random& random)
    : scenario_(std::move(scenario)), random_(random) {}

std::string AnswerBook::next(const std::string& topic) {
    if (scenario_->behaviour.silent_on.contains(topic)) return {};
    const auto found = scenario_->answers.find(topic);
    const bool known = found != scenario_->answers.end() && !found->second.empty();
    const auto& ways = known ? found->second : scenario_->default_answers;
    if (ways.empty()) return {};
    const std::string key = known ? topic : "";
    const auto [position, first_time] = position_.try_emplace(key, 0);
    if (first_time)
        position->second = static_cast<std::size_t>(random_.next_u64() % ways.size());
    else
        position->second = (position->second + 1) % ways.size();
    return ways[position->second];
}

}  // namespace carevoice::simulator
