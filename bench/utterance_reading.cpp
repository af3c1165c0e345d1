// How long an utterance takes to be understood, and a model's sentence to be checked: DESIGN asks for 1 ms (rules), 12
// ms (both readers) and 200 us. Usage: bench_utterance_reading [ROUNDS]
#include "ai/guard_rails.h"
#include "app/protocols.h"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace carevoice;

std::vector<std::string> texts_of(const std::string& file, std::string_view field) {
    std::vector<std::string> texts;
    std::ifstream lines(std::string(CAREVOICE_SOURCE_DIR "/tests/data/") + file);
    for (std::string line; std::getline(lines, line);)
        texts.emplace_back(boost::json::parse(line).as_object().at(field).as_string());
    return texts;
}

void report(const char* what, const std::vector<std::string>& texts, int rounds,
            const std::function<void(const std::string&)>& work) {
    for (const auto& text : texts) work(text);
    std::vector<double> us;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& text : texts) {
            const auto began = std::chrono::steady_clock::now();
            work(text);
            us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
        }
    }
    std::ranges::sort(us);
    const auto at = [&](double part) {
        return us[static_cast<std::size_t>(part * static_cast<double>(us.size() - 1))];
    };
    std::cout << what << ": p50 " << at(0.5) << " us, p95 " << at(0.95) << " us, max " << us.back() << " us ("
              << us.size() << ")\n";
}

int run(int rounds) {
    const auto reader = app::load_clinical_reader();
    if (reader.has_error()) {
        std::cerr << reader.error().detail << "\n";
        return 1;
    }
    const auto utterances = texts_of("utterances-dev.jsonl", "utterance");
    report("rules, an utterance", utterances, rounds, [&](const std::string& text) {
        domain::UtteranceContext context;
        context.question = "concerns";
        (void)(*reader)->read(text, context);
    });
    if (const auto second = app::load_second_reader(CAREVOICE_MODELS_DIR "/sentence-encoder"); second.has_value()) {
        report("second reader, an utterance", utterances, std::max(1, rounds / 10),
               [&](const std::string& text) { (void)(*second)->read(text, "concerns"); });
    } else {
        std::cout << "second reader: " << second.error().detail << "\n";
    }
    const auto rails = ai::GuardRails::load(app::protocol_text("guard_rails.json").value(),
                                            app::protocol_text("lexicon.json").value());
    if (rails.has_error()) {
        std::cerr << rails.error().detail << "\n";
        return 1;
    }
    report("guard rails, a sentence", texts_of("guard_rails/model_outputs.jsonl", "speak"), rounds,
           [&](const std::string& text) {
               ai::GuardContext context;
               context.topic = "wound";
               context.own_wording = "Thank you. How does the incision look?";
               context.identity_verified = true;
               (void)rails->check(text, context);
           });
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 20);
}
