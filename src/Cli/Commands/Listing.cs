using System.Text.Json.Serialization.Metadata;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary>Commands that ask the server one thing and show it.</summary>
internal static class Listing
{
    public static async Task<Result<ExitCode>> ShowAsync<T>(Session session, Func<RaywrightClient, Task<Result<T>>> ask, JsonTypeInfo<T> type, Action<T> show)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<T> answer = await ask(client).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        if (session.Json)
            session.Terminal.WriteJson(answer.Value, type);
        else
            show(answer.Value);
        return ExitCode.Ok;
    }
}
