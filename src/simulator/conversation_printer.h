// A call as text for the terminal, while it happens. Lines of parallel calls never mix within a line.
#pragma once

#include "simulator/expectations.h"
#include "simulator/scenario.h"

#include <iosfwd>
#include <mutex>
#include <string>
#include <vector>

namespace carevoice::simulator {

/// Cheap to copy; one per call. `out` and `mutex` outlive it.
class ConversationPrinter {
public:
    /// `label` is written before each line when several calls run at a time; may be empty.
    ConversationPrinter(std::ostream& out, std::mutex& mutex, std::string label, bool quiet)
        : out_(&out), mutex_(&mutex), label_(std::move(label)), quiet_(quiet) {}

    void heading(const Scenario& scenario) const;
    void voice(milliseconds at, const std::string& text) const;
    void patient(milliseconds at, const std::string& said, const std::string& heard) const;
    void happening(milliseconds at, const std::string& what) const;
    /// What the service stored: facts and alerts.
    void findings(const CallEvidence& evidence) const;
    void verdict(const Scenario& scenario, const std::vector<std::string>& broken,
                 const std::vector<milliseconds>& latencies, milliseconds duration) const;

private:
    void line(const std::string& text, bool always = false) const;

    std::ostream* out_;
    std::mutex* mutex_;
    std::string label_;
    bool quiet_;
};

}  // namespace carevoice::simulator
