#include "simulator/scenario_runner.h"

#include "simulator/scenario_call.h"

#include <boost/asio/strand.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <ostream>
#include <utility>

namespace carevoice::simulator {

namespace {

/// Indices of the scenarios that were asked for, in the file's order; Errc::not_found names the unknown one.
Result<std::vector<std::size_t>> choose(const ScenarioFile& file, const std::vector<std::string>& names) {
    const bool all = names.empty() || std::ranges::find(names, "all") != names.end();
    std::vector<std::size_t> chosen;
    for (const auto& name : all ? std::vector<std::string>{} : names) {
        const auto matches = [&](const Scenario& scenario) { return scenario.id == name || scenario.title == name; };
        if (std::ranges::none_of(file.scenarios, matches))
            return Error{.code = Errc::not_found, .detail = "there is no scenario " + name, .field = "names"};
    }
    for (std::size_t i = 0; i < file.scenarios.size(); ++i) {
        const auto& scenario = file.scenarios[i];
        const auto named = [&](const std::string& name) { return scenario.id == name || scenario.title == name; };
        if (all || std::ranges::any_of(names, named)) chosen.push_back(i);
    }
    return chosen;
}

/// For ids that no other run has used.
std::string fresh_run_id(WallTime now) {
    char text[32];
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(now.time_since_epoch().count()));
    return text;
}

}  // namespace

bool RunReport::passed() const noexcept {
    return std::ranges::all_of(scenarios, [](const ScenarioReport& scenario) { return scenario.passed(); });
}

std::vector<milliseconds> RunReport::reply_latencies() const {
    std::vector<milliseconds> all;
    for (const auto& scenario : scenarios)
        all.insert(all.end(), scenario.reply_latencies.begin(), scenario.reply_latencies.end());
    return all;
}

milliseconds percentile(std::vector<milliseconds> samples, double share) {
    if (samples.empty()) return milliseconds{0};
    std::ranges::sort(samples);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
    return samples[std::clamp<std::size_t>(rank, 1, samples.size()) - 1];
}

ScenarioRunner::ScenarioRunner(RunOptions options, RunParts parts)
    : options_(std::move(options)),
      parts_(parts),
      service_(std::make_shared<ServiceClient>(parts.http, options_.service, options_.api_key)),
      run_id_(fresh_run_id(parts.clock.wall_now())) {}

async::Task<Result<RunReport>> ScenarioRunner::run() {
    auto file = load_scenarios(options_.scenarios_file);
    if (!file) co_return file.error();
    auto chosen = choose(*file, options_.names);
    if (!chosen) co_return chosen.error();
    file_ = std::move(*file);
    waiting_.assign(chosen->rbegin(), chosen->rend());
    const auto executor = co_await async::asio::this_coro::executor;
    const auto workers = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, options_.parallel)), 1, 64);
    for (std::size_t i = 0; i < std::min(workers, chosen->size()); ++i)
        group_.spawn(boost::asio::make_strand(executor), work());
    co_await group_.wait_empty();
    std::ranges::sort(report_.scenarios, {}, &ScenarioReport::id);
    const auto passed = std::ranges::count_if(report_.scenarios, &ScenarioReport::passed);
    const auto latencies = report_.reply_latencies();
    parts_.out << '\n'
               << passed << " of " << report_.scenarios.size() << " scenarios passed; replies (" << latencies.size()
               << "): p50 " << percentile(latencies, 0.5).count() << " ms, p95 " << percentile(latencies, 0.95).count()
               << " ms\n"
               << std::flush;
    co_return std::move(report_);
}

async::Task<> ScenarioRunner::stop() {
    return group_.stop();
}

async::Task<> ScenarioRunner::work() {
    for (;;) {
        std::size_t index = 0;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty()) co_return;
            index = waiting_.back();
            waiting_.pop_back();
        }
        auto scenario = std::make_shared<const Scenario>(file_.scenarios[index]);
        char phone[24];
        std::snprintf(phone, sizeof phone, "+1555555%04d", (options_.first_phone + static_cast<int>(index)) % 10'000);
        ScenarioCallOptions options{.call_session_id = "sim-" + run_id_ + "-" + scenario->id,
                                    .phone = phone,
                                    .mode = options_.mode,
                                    .seed = options_.seed * 1'000 + index,
                                    .call_limit = options_.call_limit,
                                    .checks = options_.checks};
        ConversationPrinter printer(parts_.out, mutex_, options_.parallel > 1 ? "[" + scenario->id + "]" : "",
                                    options_.quiet);
        ScenarioCall call(std::move(scenario), std::move(options), parts_, service_, std::move(printer));
        auto report = co_await call.run();
        const std::lock_guard lock(mutex_);
        report_.scenarios.push_back(std::move(report));
    }
}

async::Task<Result<RunReport>> run_scenarios(RunOptions options, RunParts parts) {
    ScenarioRunner runner(std::move(options), parts);
    co_return co_await runner.run();
}

}  // namespace carevoice::simulator
