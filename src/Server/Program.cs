using System.Collections.Immutable;
using Raywright.Core.Errors;
using Raywright.Engine.Probing;
using Raywright.Server.Hosting;

// A probe child is this program too, and starts nothing of the server.
if (args is ["--role", "probe"])
    return await ProbeHost.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput());

// On one core there would be one thread, and a page that is opened or a query that is compiled would hold every request up: with two
// the system shares the core between them.
ThreadPool.GetMinThreads(out int workers, out int completions);
ThreadPool.SetMinThreads(Math.Max(2, workers), completions);

Result<ServerOptions?> options = ServerOptions.Read(args);
if (!options.Ok)
    return Refusal.Say(options.Problems);
if (options.Value is not { } told)
    return (int)ExitCode.Ok;
Result<ServerHost> started = await ServerHost.StartAsync(told, TimeProvider.System);
if (!started.Ok)
    return Refusal.Say(started.Problems);
await using ServerHost host = started.Value;
if (!Console.IsOutputRedirected)
    Console.Out.WriteLine($"Raywright serves at {host.Info.Url}, home {told.Home}.");
await host.WaitAsync(told.StopWithStdin);
return (int)ExitCode.Ok;
