using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Raywright.Core.Errors;

namespace Raywright.Cli.Servers;

internal static class Ports
{
    public const int Default = 7700;
    private const int MostTried = 200;

    /// <summary>Why a port cannot be used, with the next one that can; null where it is free.</summary>
    public static Problem? Taken(int port)
    {
        if (IsFree(port))
            return null;
        int free = Enumerable.Range(port + 1, MostTried).FirstOrDefault(next => next < 65536 && IsFree(next));
        return new(Catalogue.PortTaken, string.Create(CultureInfo.InvariantCulture, $"Port {port} is taken by another program."),
            Fix: free == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Start with `--port {free}`, which is free."));
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
