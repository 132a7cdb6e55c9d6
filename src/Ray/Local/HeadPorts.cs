using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Raywright.Ray.Local;

/// <summary>All that a head listens at, named one by one: with Ray's own choice two heads on one machine collide.</summary>
internal sealed record HeadPorts(
    int Store, int Dashboard, int Serve, int Metrics, int Client, int Agent, int AgentRpc, int RuntimeEnvironments, int Nodes, int Objects, int AutoscalerMetrics, int DashboardMetrics)
{
    private const int Count = 12;
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    public IEnumerable<int> All =>
        [Store, Dashboard, Serve, Metrics, Client, Agent, AgentRpc, RuntimeEnvironments, Nodes, Objects, AutoscalerMetrics, DashboardMetrics];

    /// <summary>
    /// Free ones, held until all are chosen, so that no two are the same. They lie below those that the kernel gives to outgoing
    /// connections: Serve's is used much later, and would be taken in the meantime.
    /// </summary>
    public static HeadPorts Choose()
    {
        List<Socket> held = [];
        try
        {
            for (int tries = 0; held.Count < Count; tries++)
            {
                // Where nearly all are taken, whatever the kernel has left.
                int wanted = tries < 50 * Count ? RandomNumberGenerator.GetInt32(Lowest, Highest) : 0;
                if (Hold(wanted) is { } socket)
                    held.Add(socket);
            }
            int[] ports = [.. held.Select(socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
            return new(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[6], ports[7], ports[8], ports[9], ports[10], ports[11]);
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Whether another program has one of them now.</summary>
    public bool AnyTaken()
    {
        foreach (int port in All)
        {
            using Socket? socket = Hold(port);
            if (socket is null)
                return true;
        }
        return false;
    }

    private static Socket? Hold(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            // Until one of them listens, the kernel gives the same port to several.
            socket.Listen(1);
            return socket;
        }
        catch (SocketException) when (port != 0)
        {
            socket.Dispose();
            return null;
        }
    }
}
