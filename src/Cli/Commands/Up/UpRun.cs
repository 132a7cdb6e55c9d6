using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary>One run of <c>up</c>: model, server, deploy, report, then watching until it is interrupted or the server dies.</summary>
internal sealed class UpRun(UpCommand.Options options, Session session)
{
    private const string Environment = CommonOptions.DefaultEnvironment;
    private readonly FileTrust trust = new(session, options.Trust);

    public async Task<Result<ExitCode>> RunAsync(CancellationToken cancellation)
    {
        // What is wrong with the folder is said before anything is started.
        Result<ModelFolder> folder = ModelFolder.Find(session.Host, options.Path);
        if (!folder.Ok)
            return folder.Problems;
        Result<string> program = ServerProgram.Find(session.Host);
        if (!folder.Value.HasSpec && await InitializeAsync(folder.Value, cancellation).ConfigureAwait(false) is { Ok: false } failed)
            return failed.Problems;
        Result<LocalModel> model = LocalModel.Load(session.Host, folder.Value, Environment);
        if (!model.Ok)
            return model.Problems;
        UpWatch watch = new(session, model.Value, Environment);
        Result<LocalServer> found = await ServerAsync(program, cancellation).ConfigureAwait(false);
        if (!found.Ok)
            return found.Problems;
        using LocalServer server = found.Value;
        bool leaveRunning = false;
        try
        {
            Result<ExitCode> ended = await WithServerAsync(server, model.Value, watch, cancellation).ConfigureAwait(false);
            leaveRunning = options.Detach && ended.Ok;
            return ended;
        }
        finally
        {
            if (server.Started && !leaveRunning)
                await StopAsync(server).ConfigureAwait(false);
        }
    }

    /// <summary>Works until interrupted, and no longer than the server lives.</summary>
    private async Task<Result<ExitCode>> WithServerAsync(LocalServer server, LocalModel model, UpWatch watch, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<Problem> died = server.DiedAsync(session.Clock, over.Token);
        Task<Result<ExitCode>> work = ServeAsync(server, model, watch, over.Token);
        await Task.WhenAny(died, work).ConfigureAwait(false);
        bool first = died.IsCompletedSuccessfully;
        await over.CancelAsync().ConfigureAwait(false);
        try
        {
            Result<ExitCode> result = await work.ConfigureAwait(false);
            return first && !cancellation.IsCancellationRequested ? await died.ConfigureAwait(false) : result;
        }
        catch (OperationCanceledException) when (first && !cancellation.IsCancellationRequested)
        {
            return await died.ConfigureAwait(false);
        }
    }

    private async Task<Result<ExitCode>> ServeAsync(LocalServer server, LocalModel model, UpWatch watch, CancellationToken cancellation)
    {
        if (session.Home.ReadAdminKey() is not { } key)
            return new Problem(Catalogue.NotSignedIn, $"The key of the server in {session.Home.Path} cannot be read.", Fix: "Use the account that started the server, or another --home.");
        using RaywrightClient client = new(new Uri(server.Info.Url), key, session.Clock);
        if (options.On is { } compute && await new UpCompute(options, session, client, Environment).UseAsync(compute, cancellation).ConfigureAwait(false) is { Ok: false } unusable)
            return unusable.Problems;
        Result<DeployResult> deployed = await DeployAsync(client, model, cancellation).ConfigureAwait(false);
        if (!deployed.Ok)
            return deployed.Problems;
        if (ChooseLocal() is { } problem)
            return problem;
        UpReport report = new(session, client, server, options, key);
        Result<ExitCode> told = await report.WriteAsync(deployed.Value, cancellation).ConfigureAwait(false);
        if (!told.Ok || options.Detach || (!server.Started && !options.Watch))
            return told;
        try
        {
            if (options.Watch)
                await watch.RunAsync(next => DeployAsync(client, next, cancellation), cancellation).ConfigureAwait(false);
            else
                await Task.Delay(Timeout.InfiniteTimeSpan, session.Clock, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        return ExitCode.Ok;
    }

    private async Task<Result<DeployResult>> DeployAsync(RaywrightClient client, LocalModel model, CancellationToken cancellation)
    {
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        if (session.ShowsSteps)
            session.Terminal.Note($"deploying [bold]{Markup.Escape(model.Name)}[/] into {Environment}");
        Result<Operation> begun = await DeployFlow.BeginAsync(session, client, model, Environment, null, trust, view, cancellation).ConfigureAwait(false);
        if (!begun.Ok)
            return begun.Problems;
        Result<Operation> ended = await DeployFlow.FollowAsync(session, client, begun.Value, view, cancellation).ConfigureAwait(false);
        return ended.Ok ? DeployFlow.ResultOf(ended.Value) : ended.Problems;
    }

    private async Task<Result<LocalServer>> ServerAsync(Result<string> program, CancellationToken cancellation)
    {
        Result<IDisposable> gate = await StartLock.TakeAsync(session.Home, session.Clock, cancellation).ConfigureAwait(false);
        if (!gate.Ok)
            return gate.Problems;
        using IDisposable held = gate.Value;
        if (await LocalServer.FindAsync(session, cancellation).ConfigureAwait(false) is { } running)
        {
            if (session.ShowsSteps)
                session.Terminal.Note($"using the server that runs at {running.Info.Url} [grey](process {running.Info.Pid})[/]");
            return running;
        }
        if (!program.Ok)
            return program.Problems;
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        view.Work("starting the server");
        long start = session.Clock.GetTimestamp();
        Result<LocalServer> started = await LocalServer.StartAsync(session, program.Value, options.Port ?? Ports.Default, options.Detach, cancellation).ConfigureAwait(false);
        view.Work(null);
        if (started.Ok && session.ShowsSteps)
            session.Terminal.Note($"server ready at {started.Value.Info.Url} after {Moments.Duration(session.Clock.GetElapsedTime(start))} [grey](process {started.Value.Info.Pid}, home {Markup.Escape(session.Home.Path)})[/]");
        return started;
    }

    private async Task<Result<InitDocument>> InitializeAsync(ModelFolder folder, CancellationToken cancellation)
    {
        if (session.ShowsSteps)
            session.Terminal.Note($"{Markup.Escape(session.Host.Shown(folder.Folder))} has no spec yet; writing one");
        Result<InitDocument> written = await ModelInit.WriteAsync(session, new InitRequest(folder.Path), trust, cancellation).ConfigureAwait(false);
        if (written.Ok && session.ShowsSteps)
            ModelInit.Report(session, written.Value);
        return written;
    }

    /// <summary>From now on commands without <c>--server</c> mean this machine's server.</summary>
    private Problem? ChooseLocal()
    {
        Result<Homes.Profile> profile = session.Home.ReadProfile();
        if (!profile.Ok)
            return profile.Problems[0];
        if (profile.Value.Current is not { } other)
            return null;
        session.Terminal.Note($"commands go to this server now; `raywright login {Markup.Escape(other)}` goes back");
        return session.Home.WriteProfile(profile.Value with { Current = null });
    }

    private async Task StopAsync(LocalServer server)
    {
        if (session.ShowsSteps)
            session.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"[grey]stopping the server (process {server.Info.Pid})[/]"));
        await server.StopAsync(session.Clock).ConfigureAwait(false);
    }
}
