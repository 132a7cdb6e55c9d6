using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;

namespace Raywright.Server.Hosting;

/// <summary>How a server says that it does not start: for a person at a terminal in words, else one line of JSON that the command line reads.</summary>
internal static class Refusal
{
    public static int Say(ImmutableArray<Problem> problems)
    {
        if (Console.IsOutputRedirected)
        {
            try
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(ProblemWriter.Details(problems), ApiJson.Default.ProblemDetails));
            }
            catch (IOException)
            {
                // The disk that is full is often also the log's; the status is all that can be said then.
            }
            return (int)problems[0].Definition.Exit;
        }
        foreach (Problem problem in problems)
            Console.Error.WriteLine($"{problem.Code}: {problem.Detail}\n  {problem.Advice}");
        return (int)problems[0].Definition.Exit;
    }
}
