using System.Diagnostics;
using System.Text;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Harness;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Ended(int Status, string Output, string Error)
{
    public string All => $"{Output}{Error}";

    public override string ToString() => $"status {Status}\n--- standard output\n{Output}\n--- standard error\n{Error}";

    /// <summary>The same, where the status is the expected one; else the test fails with everything that was said.</summary>
    public Ended With(int status)
    {
        if (Status != status)
            Assert.Fail($"Status {status} was expected: {this}");
        return this;
    }

    /// <summary>The same, where both streams together hold every text.</summary>
    public Ended Saying(params string[] texts)
    {
        foreach (string text in texts)
        {
            if (!All.Contains(text, StringComparison.Ordinal))
                Assert.Fail($"`{text}` is missing: {this}");
        }
        return this;
    }
}

/// <summary>A program that a test started.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Task streams;

    public Child(ProcessStartInfo start)
    {
        // Whoever runs the tests in the background may have Ctrl-C ignored, which children inherit.
        if (OperatingSystem.IsLinux())
        {
            start.ArgumentList.Insert(0, start.FileName);
            start.ArgumentList.Insert(0, "--default-signal=INT,QUIT");
            start.FileName = "/usr/bin/env";
        }
        (start.UseShellExecute, start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (false, true, true, true);
        process = new Process { StartInfo = start };
        process.Start();
        streams = Task.WhenAll(CollectAsync(process.StandardOutput, output), CollectAsync(process.StandardError, error));
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string Output => Text(output);

    public string Error => Text(error);

    public StreamWriter Input => process.StandardInput;

    public void Signal(int signal) => Signals.Send(process.Id, signal);

    /// <summary>Waits until it has ended and both of its streams are closed.</summary>
    public async Task<Ended> EndAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            await streams.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end, or somebody holds its streams.\n{Output}\n{Error}");
        }
        return new(process.ExitCode, Output, Error);
    }

    /// <summary>Waits until it has said something; fails where it ends without.</summary>
    public Task SaysAsync(string text) => SaysAsync(text, 1);

    /// <summary>Waits until it has said something so many times.</summary>
    public Task SaysAsync(string text, int times) => Eventually.TrueAsync(
        () =>
        {
            // Looked at first, so that what it said last is not missed.
            bool ended = process.HasExited && streams.IsCompleted;
            if ((Output + Error).Split(text).Length > times)
                return true;
            if (ended)
                Assert.Fail($"It ended with status {process.ExitCode} without saying `{text}`.\n{Output}\n{Error}");
            return false;
        },
        $"`{text}` is said {times} times by process {process.Id}");

    /// <summary>Fails where it has not said something yet.</summary>
    public void AssertSaid(params string[] texts) => new Ended(0, Output, Error).Saying(texts);

    public void Kill()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    /// <summary>As it comes: a question ends without a line's end.</summary>
    private static async Task CollectAsync(StreamReader from, StringBuilder into)
    {
        char[] buffer = new char[4096];
        try
        {
            while (await from.ReadAsync(buffer) is var read and > 0)
            {
                lock (into)
                    into.Append(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The test has ended and with it the program.
        }
    }

    private static string Text(StringBuilder from)
    {
        lock (from)
            return from.ToString();
    }
}
