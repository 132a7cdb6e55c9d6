using System.Net;
using System.Net.Sockets;

namespace Raywright.EndToEnd.Harness;

/// <summary>Ports that nobody uses. They lie below those that the system gives away by itself, and none is given twice.</summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int next = Environment.ProcessId * 37;

    public static int Free()
    {
        while (true)
        {
            // Two, so that the next one is there to be proposed.
            int port = First + ((Interlocked.Add(ref next, 2) & int.MaxValue) % Count);
            if (IsFree(port) && IsFree(port + 1))
                return port;
        }
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
