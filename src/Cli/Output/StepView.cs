using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Spectre.Console;

namespace Raywright.Cli.Output;

/// <summary>Shows an operation while it runs: a line for each step that has ended, and a moving one for the step at work.</summary>
internal sealed class StepView : IDisposable
{
    private const int NameWidth = 10;
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

    private readonly Terminal terminal;
    private readonly TimeProvider clock;
    private readonly ProblemView problems;
    private readonly ITimer? timer;
    private readonly Lock gate = new();
    private int written;
    private int frame;
    private string? atWork;
    private string? told;
    private long since;

    public StepView(Terminal terminal, TimeProvider clock, ProblemView problems)
    {
        (this.terminal, this.clock, this.problems) = (terminal, clock, problems);
        if (terminal.ShowsProgress)
            timer = clock.CreateTimer(_ => Draw(), null, FrameTime, FrameTime);
    }

    /// <summary>Takes over what the operation says now.</summary>
    public void Show(Operation operation)
    {
        lock (gate)
        {
            if (operation.Steps.Length < written)
            {
                terminal.Note("[yellow]the server started again and begins the operation anew[/]");
                written = 0;
            }
            foreach (OperationStep step in operation.Steps.Skip(written).TakeWhile(Ended))
            {
                WriteStep(step);
                written++;
            }
            OperationStep? running = operation.Steps.FirstOrDefault(step => step.State == OperationState.Running);
            At(running is { Progress: { } what } ? $"{running.Name}: {what}" : running?.Name, operation.Ended);
            if (running?.Progress is { } said)
                Tell(running.Name, said);
        }
    }

    /// <summary>Work of this program itself, e.g. sending files.</summary>
    public void Work(string? what)
    {
        lock (gate)
            At(what, what is null);
        Draw();
    }

    /// <summary>What takes long: a line of its own where nothing moves.</summary>
    public void Progress(string what)
    {
        Work(what);
        lock (gate)
            Tell(null, what);
    }

    /// <summary>A line for a step of this program, in the form of the others.</summary>
    public void Done(string name, string message, TimeSpan elapsed)
    {
        lock (gate)
        {
            At(null, idle: true);
            WriteLine("[green]✓[/]", name, message, elapsed);
        }
    }

    public void Connection(bool there) =>
        terminal.Note(there ? "[yellow]connected again[/]" : "[yellow]the connection to the server is lost; trying again[/]");

    public void Dispose()
    {
        timer?.Dispose();
        terminal.ShowTransient(null);
    }

    private void At(string? what, bool idle)
    {
        string? now = idle ? null : what;
        if (now != atWork)
            (atWork, since) = (now, clock.GetTimestamp());
        if (atWork is null)
            terminal.ShowTransient(null);
    }

    private void Tell(string? name, string what)
    {
        if (terminal.ShowsProgress || told == what)
            return;
        told = what;
        terminal.NoteLine($"… {(name is null ? "" : $"{name}: ")}{what}");
    }

    private void WriteStep(OperationStep step)
    {
        string mark = step.State switch
        {
            OperationState.Succeeded => "[green]✓[/]",
            OperationState.Failed => "[red]✗[/]",
            _ => "[yellow]–[/]",
        };
        TimeSpan elapsed = step is { StartedAt: { } start, EndedAt: { } end } ? Moments.Between(start, end) : TimeSpan.Zero;
        // Why a step failed is the error that follows, with place and cure.
        WriteLine(mark, step.Name, step.State == OperationState.Failed ? "failed" : step.Message ?? "", elapsed);
        foreach (ProblemDetails warning in step.Warnings)
            problems.WriteWarning(ProblemReader.Problem(warning));
    }

    private void WriteLine(string mark, string name, string message, TimeSpan elapsed)
    {
        if (terminal.ShowsProgress)
            terminal.Note($"  {mark} {Markup.Escape(name.PadRight(NameWidth))} {Markup.Escape(message)} [grey]{Moments.Duration(elapsed)}[/]");
        else
            terminal.NoteLine($"{Markup.Remove(mark)} {name}: {message}{(message.Length > 0 ? " " : "")}({Moments.Duration(elapsed)})");
    }

    private void Draw()
    {
        lock (gate)
        {
            if (atWork is null)
                return;
            TimeSpan elapsed = clock.GetElapsedTime(since);
            string time = elapsed.TotalSeconds < 1 ? "" : $" [grey]{Moments.Duration(elapsed)}[/]";
            terminal.ShowTransient($"  [blue]{Frames[frame++ % Frames.Length]}[/] {Markup.Escape(atWork)}{time}");
        }
    }

    private static bool Ended(OperationStep step) => step.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;
}
