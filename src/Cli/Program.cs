using System.Runtime.InteropServices;
using Raywright.Cli.CommandLine;

CliHost host = CliHost.OfProcess();
using CancellationTokenSource interrupted = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
int status = await CommandTree.RunAsync(host, args, interrupted.Token).ConfigureAwait(false);
host.Terminal.Flush();
return status;

// The first signal ends what is going on in good order; the next one ends the program as it would any other.
void Interrupt(PosixSignalContext context)
{
    if (interrupted.IsCancellationRequested)
        return;
    context.Cancel = true;
    interrupted.Cancel();
}
