// SPDX-License-Identifier: LGPL-2.1-or-later
// Catch2 reporter "tap": one line of the Test Anything Protocol per test case (Catch2's own prints one per
// assertion).

#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace digisign::test {

/// WARN("SKIP: reason") in a test case that then returns counts it as skipped, for what this machine lacks.
class TapReporter : public Catch::StreamingReporterBase<TapReporter> {
public:
    using StreamingReporterBase::StreamingReporterBase;

    static std::string getDescription() { return "Test Anything Protocol, one line per test case"; }

    void assertionStarting(const Catch::AssertionInfo&) override {}

    bool assertionEnded(const Catch::AssertionStats& stats) override {
        const Catch::AssertionResult& result = stats.assertionResult;
        if (result.getResultType() == Catch::ResultWas::Warning) {
            constexpr std::string_view skip = "SKIP: ";
            const std::string text = result.getMessage();
            if (text.starts_with(skip))
                skip_reason_ = one_line(text.substr(skip.size()));
            else
                diagnostics_.push_back("warning: " + text);
        } else if (!result.isOk()) {
            diagnostics_.push_back(describe(result));
            for (const Catch::MessageInfo& message : stats.infoMessages)
                if (message.type == Catch::ResultWas::Info)
                    diagnostics_.push_back("  with: " + message.message);
        }
        return true;
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        for (const std::string& line : diagnostics_)
            stream << "# " << one_line(line) << '\n';
        ++count_;
        const bool failed = stats.totals.testCases.failed > 0;
        stream << (failed ? "not ok " : "ok ") << count_ << " - " << stats.testInfo.name;
        if (!failed && !skip_reason_.empty())
            stream << " # SKIP " << skip_reason_;
        stream << std::endl; // flushed, so that the log of a program that hangs ends at the case that does
        diagnostics_.clear();
        skip_reason_.clear();
        StreamingReporterBase::testCaseEnded(stats);
    }

    void testRunEnded(const Catch::TestRunStats& stats) override {
        stream << "1.." << count_ << (count_ == 0 ? " # SKIP no test case matches" : "") << std::endl;
        StreamingReporterBase::testRunEnded(stats);
    }

private:
    static std::string describe(const Catch::AssertionResult& result) {
        const Catch::SourceLineInfo where = result.getSourceInfo();
        std::string text = std::string(where.file) + ":" + std::to_string(where.line) + ": ";
        if (result.hasExpression())
            text += result.getExpressionInMacro();
        if (result.hasExpandedExpression())
            text += " for: " + result.getExpandedExpression();
        if (result.hasMessage())
            text += " (" + result.getMessage() + ")";
        return text;
    }

    static std::string one_line(std::string text) {
        std::ranges::replace(text, '\n', ' ');
        return text;
    }

    unsigned count_ = 0;
    std::string skip_reason_;
    std::vector<std::string> diagnostics_;
};

} // namespace digisign::test
