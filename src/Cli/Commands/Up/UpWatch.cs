using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Watching;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary>Deploys again each time the files of a model have changed. A broken edit is shown, and what serves stays.</summary>
internal sealed class UpWatch
{
    private readonly Session session;
    private readonly string environment;
    private readonly FileWatch watch;
    private LocalModel current;

    /// <summary>Remembers the files as they are now: what changes while the model is deployed is deployed next.</summary>
    public UpWatch(Session session, LocalModel first, string environment)
    {
        (this.session, this.environment, current) = (session, environment, first);
        watch = new FileWatch(session.Clock);
        watch.Watch(FilesOf(first));
    }

    public async Task RunAsync(Func<LocalModel, Task<Result<DeployResult>>> deploy, CancellationToken cancellation)
    {
        while (true)
        {
            IReadOnlyList<string> changed = await watch.ChangedAsync(cancellation).ConfigureAwait(false);
            session.Terminal.NoteLine();
            session.Terminal.Note($"[blue]changed:[/] {Markup.Escape(string.Join(", ", changed.Select(session.Host.Shown)))}");
            Result<LocalModel> next = Load();
            if (!next.Ok)
            {
                session.Problems.Write(next.Problems);
                session.Terminal.Note("[yellow]what served before still serves; the next save is tried again[/]");
                continue;
            }
            if (!Differs(next.Value, current))
            {
                session.Terminal.Note("nothing in the model differs");
                continue;
            }
            current = next.Value;
            watch.Watch(FilesOf(current));
            Report(await deploy(current).ConfigureAwait(false));
        }
    }

    private void Report(Result<DeployResult> deployed)
    {
        if (deployed.Ok)
        {
            session.Terminal.Note(deployed.Value.Unchanged
                ? $"[green]{deployed.Value.Model}:{deployed.Value.Version}[/] serves already"
                : $"[green]{deployed.Value.Model}:{deployed.Value.Version}[/] serves in {environment}");
            return;
        }
        session.Problems.Write(deployed.Problems);
        session.Terminal.Note("[yellow]what served before still serves; the next save is tried again[/]");
    }

    private Result<LocalModel> Load()
    {
        try
        {
            return LocalModel.Load(session.Host, current.Folder, environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.FileUnreadable, e.Message);
        }
    }

    private static bool Differs(LocalModel one, LocalModel two) =>
        one.SpecText != two.SpecText || !one.Files.SequenceEqual(two.Files);

    private static IEnumerable<string> FilesOf(LocalModel model) =>
        model.Files.Select(model.PathOf).Append(model.Folder.Spec);
}
