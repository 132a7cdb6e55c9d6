using Raywright.Cli.Output;
using Raywright.Core.Errors;

namespace Raywright.Cli.Doctor;

/// <summary>Words and forms of a check.</summary>
internal static class Check
{
    public const string Passed = "pass";
    public const string Warned = "warning";
    public const string Failed = "fail";

    public static CheckDocument Pass(string area, string check, string message) => new(area, check, Passed, message, null);

    public static CheckDocument Warn(string area, string check, string message, string fix) => new(area, check, Warned, message, fix);

    public static CheckDocument Fail(string area, string check, Problem problem) => new(area, check, Failed, $"{problem.Code}: {problem.Detail}", problem.Advice);
}
